package io.dvflow.dataplane.metrics;

import io.dvflow.dataplane.report.Reporter;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * {@code GET /metrics} over HTTPS, one answer a connection and one connection at a time. The key is made when somebody asks
 * for the first time: all of TLS weighs more than the rest of a transfer, and most pods are never asked.
 */
final class MetricsServer implements AutoCloseable {

    private static final String NAME = "dvflow-transfer";
    /** What a request gets: whoever reaches the pod may connect, and is not to hold the others up. */
    private static final int PATIENCE_MILLIS = 3000;

    private static final int MOST_READS = 16;
    private static final int LONGEST_REQUEST = 8192;
    private static final int BACKLOG = 8;

    private final ServerSocket listener;
    private final Supplier<String> page;
    private final Reporter reporter;
    private SSLContext identity;
    private boolean complained;

    private MetricsServer(ServerSocket listener, Supplier<String> page, Reporter reporter) {
        this.listener = listener;
        this.page = page;
        this.reporter = reporter;
    }

    /** Serves until it is closed. */
    static MetricsServer start(int port, Supplier<String> page, Reporter reporter) throws IOException {
        MetricsServer server = new MetricsServer(new ServerSocket(port, BACKLOG), page, reporter);
        Thread.ofPlatform().daemon().name("metrics").start(server::serve);
        return server;
    }

    /** A JVM that ends waits 0.3 s for a thread that is still inside of {@code accept}. */
    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept();
                    SSLSocket secure = secured(socket)) {
                answer(secure);
            } catch (IOException | GeneralSecurityException e) {
                complain(e);
            }
        }
    }

    /** Once: what comes from outside must not fill the log. */
    private void complain(Exception why) {
        if (!complained && !listener.isClosed()) {
            complained = true;
            reporter.info("Somebody connected to the metrics and did not get them: " + why.getMessage());
        }
    }

    private SSLSocket secured(Socket socket) throws IOException, GeneralSecurityException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        if (identity == null) {
            identity = SelfSigned.context(NAME);
        }
        SSLSocket secure = (SSLSocket) identity.getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
        secure.setUseClientMode(false);
        return secure;
    }

    private void answer(SSLSocket socket) throws IOException {
        boolean known = requestLine(socket.getInputStream()).startsWith("GET /metrics ");
        String body = known ? page.get() : "Only GET /metrics is answered here\n";
        String head = "HTTP/1.1 " + (known ? "200 OK" : "404 Not Found")
                + "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "
                + body.getBytes(StandardCharsets.UTF_8).length + "\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    /** Reads the request to the end of its head. */
    private static String requestLine(InputStream in) throws IOException {
        byte[] request = new byte[LONGEST_REQUEST];
        int length = 0;
        for (int reads = 0; reads < MOST_READS; reads++) {
            int got = in.read(request, length, request.length - length);
            if (got <= 0) {
                break;
            }
            length += got;
            String text = new String(request, 0, length, StandardCharsets.ISO_8859_1);
            if (text.contains("\r\n\r\n")) {
                return text.lines().findFirst().orElse("");
            }
        }
        throw new IOException("No request within " + MOST_READS + " reads and " + length + " bytes");
    }
}
