package io.dvflow.dataplane;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Passes TCP connections on, and their answers only so fast: there is time to do something half-way. */
final class ThrottledProxy implements AutoCloseable {

    private static final int CHUNK = 64 << 10;

    private final ServerSocket listener;
    private volatile long bytesPerSecond;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int target;

    private ThrottledProxy(ServerSocket listener, long bytesPerSecond) {
        this.listener = listener;
        this.bytesPerSecond = bytesPerSecond;
    }

    static ThrottledProxy start(long bytesPerSecond) throws IOException {
        ThrottledProxy proxy =
                new ThrottledProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), bytesPerSecond);
        Thread.ofVirtual().start(proxy::accept);
        return proxy;
    }

    /** Passes everything on at once from now on. */
    void hurry() {
        bytesPerSecond = Long.MAX_VALUE;
    }

    /** The same URL, through here. */
    String through(String url) {
        int colon = url.indexOf(':', "http://".length());
        int slash = url.indexOf('/', colon);
        target = Integer.parseInt(url.substring(colon + 1, slash));
        return url.substring(0, colon + 1) + listener.getLocalPort() + url.substring(slash);
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                Thread.ofVirtual().start(() -> pass(client, server, () -> Long.MAX_VALUE));
                Thread.ofVirtual().start(() -> pass(server, client, () -> bytesPerSecond));
            }
        } catch (IOException e) {
            // Closed: the test is over.
        }
    }

    private static void pass(Socket from, Socket to, LongSupplier bytesPerSecond) {
        byte[] chunk = new byte[CHUNK];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
                out.write(chunk, 0, got);
                LockSupport.parkNanos(got * 1_000_000_000L / bytesPerSecond.getAsLong());
            }
        } catch (IOException e) {
            // One side is gone; the other one is told by the closing of its socket.
        }
    }
}
