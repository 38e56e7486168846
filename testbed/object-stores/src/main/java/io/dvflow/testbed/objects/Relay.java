package io.dvflow.testbed.objects;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands between a client and a server of this machine, passes bytes on as they are, counts those that the server sends, and
 * holds them up or cuts them off. It knows nothing of HTTP, so what is signed stays valid.
 */
public final class Relay implements AutoCloseable {

    private final InetSocketAddress server;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private long bytes;
    private long gate = Long.MAX_VALUE;
    private int held;

    private Relay(InetSocketAddress server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 50, server.getAddress());
    }

    /** On the loopback address. */
    public static Relay to(int serverPort) {
        return to(InetAddress.getLoopbackAddress().getHostAddress(), serverPort);
    }

    /**
     * @param host address of the server, and of the relay
     */
    public static Relay to(String host, int serverPort) {
        try {
            Relay relay = new Relay(new InetSocketAddress(host, serverPort));
            Thread.ofPlatform().daemon().name("relay-accept").start(relay::accept);
            return relay;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen", e);
        }
    }

    /** {@code http://host:port}, as if it were the server's. */
    public String endpoint() {
        return "http://" + server.getAddress().getHostAddress() + ":" + port();
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Bytes that came from the server so far, over all connections, heads included. */
    public synchronized long bytes() {
        return bytes;
    }

    /** Lets so many more bytes pass. */
    public synchronized void holdAfter(long more) {
        gate = bytes + more;
    }

    public synchronized void letPass() {
        gate = Long.MAX_VALUE;
        notifyAll();
    }

    /** Connections that wait at the gate. */
    public synchronized int held() {
        return held;
    }

    /** Cuts every connection that is open now. */
    public void cut() {
        open.forEach(Relay::closeQuietly);
    }

    @Override
    public void close() {
        closeQuietly(listener);
        letPass();
        cut();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket behind = new Socket(server.getAddress(), server.getPort());
                open.add(client);
                open.add(behind);
                Thread.ofVirtual().start(() -> pass(client, behind, false));
                Thread.ofVirtual().start(() -> pass(behind, client, true));
            } catch (IOException e) {
                // Closed, or the server is gone: the client sees that its connection ends.
            }
        }
    }

    private void pass(Socket from, Socket to, boolean counted) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[32 << 10];
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                if (counted) {
                    waitAtGate(got);
                }
                out.write(buffer, 0, got);
            }
        } catch (IOException e) {
            // One side is gone; the other learns it by the closing of its socket.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private synchronized void waitAtGate(int count) throws InterruptedException {
        if (bytes + count > gate) {
            held++;
            while (bytes + count > gate) {
                wait();
            }
            held--;
        }
        bytes += count;
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            // It is gone either way.
        }
    }
}
