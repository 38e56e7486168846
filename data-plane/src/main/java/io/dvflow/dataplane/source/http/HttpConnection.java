package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.FailureReason;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** One connection to a server: sends a request, reads the head, hands out the body. */
final class HttpConnection implements Closeable {

    private static final int BUFFER = 64 << 10;
    private static final int MOST_TEXT = 8 << 10;

    private final byte[] buffer = new byte[BUFFER];
    private final HttpSettings settings;
    private Socket socket;
    private InputStream in;
    private OutputStream out;
    private int position;
    private int limit;

    private HttpConnection(HttpSettings settings, Socket socket) throws IOException {
        this.settings = settings;
        use(socket);
    }

    /** A TCP connection to the first address of the host that answers. */
    static HttpConnection connect(String host, int port, HttpSettings settings) throws IOException {
        IOException last = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, port), (int)
                        settings.connectTimeout().toMillis());
                socket.setTcpNoDelay(true);
                socket.setSoTimeout((int) settings.stallTimeout().toMillis());
                return new HttpConnection(settings, socket);
            } catch (IOException e) {
                socket.close();
                last = e;
            }
        }
        throw last == null ? new IOException("host " + host + " has no address") : last;
    }

    /** Speaks TLS from here on. */
    void secure(SSLSocketFactory factory, String host, int port, boolean verifyHost) throws IOException {
        SSLSocket tls = (SSLSocket) factory.createSocket(socket, host, port, true);
        if (verifyHost) {
            SSLParameters parameters = tls.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            tls.setSSLParameters(parameters);
        }
        tls.startHandshake();
        use(tls);
    }

    ResponseHead exchange(String requestHead) throws IOException {
        return exchange(requestHead, new byte[0]);
    }

    ResponseHead exchange(String requestHead, byte[] body) throws IOException {
        out.write(requestHead.getBytes(StandardCharsets.ISO_8859_1));
        if (body.length > 0) {
            out.write(body);
        }
        long deadline = System.nanoTime() + settings.headTimeout().toNanos();
        ResponseHead head = ResponseHead.read(max -> line(max, deadline));
        while (head.status() < 200) {
            head = ResponseHead.read(max -> line(max, deadline));
        }
        return head;
    }

    Body body(long length) {
        return new FixedLength(length);
    }

    Body chunkedBody() {
        return new Chunked();
    }

    /**
     * What an error says for itself, as far as it comes without making anybody wait for it: up to {@link #MOST_TEXT}
     * bytes. Nothing where the server does not say how long its body is.
     */
    String beginningOfBody(ResponseHead head) throws IOException {
        if (!head.isChunked() && head.contentLength().isEmpty()) {
            return "";
        }
        Body body = head.isChunked() ? chunkedBody() : body(head.contentLength().getAsLong());
        ByteBuffer text = ByteBuffer.allocate(MOST_TEXT);
        long deadline = System.nanoTime() + settings.headTimeout().toNanos();
        try {
            while (text.hasRemaining() && System.nanoTime() < deadline && body.read(text) >= 0) {
                // What has come so far is better than nothing.
            }
        } catch (IOException e) {
            // The status says the rest.
        }
        return new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
    }

    /** Whether the server has sent more than the response that was read: it lied about the length. */
    boolean hasUnexpectedBytes() throws IOException {
        return position < limit || in.available() > 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void use(Socket next) throws IOException {
        socket = next;
        in = next.getInputStream();
        out = next.getOutputStream();
    }

    private String line(int maxBytes, long deadline) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (position == limit) {
                if (System.nanoTime() > deadline) {
                    throw new SocketTimeoutException(
                            "no complete response head within " + seconds(settings.headTimeout()));
                }
                fill();
            }
            char c = (char) (buffer[position++] & 0xff);
            if (c == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            line.append(c);
            if (line.length() > maxBytes) {
                throw new RetriableException(
                        FailureReason.REFUSED_BY_SERVER, "the server's response head is larger than any real one");
            }
        }
    }

    private void fill() throws IOException {
        position = 0;
        limit = 0;
        limit = receive(buffer, 0, buffer.length);
    }

    private int receive(byte[] into, int offset, int count) throws IOException {
        int got;
        try {
            got = in.read(into, offset, count);
        } catch (SocketTimeoutException e) {
            throw new RetriableException(
                    FailureReason.CONNECTION_FAILED, "no byte came for " + seconds(settings.stallTimeout()));
        }
        if (got < 0) {
            throw new RetriableException(
                    FailureReason.TRUNCATED, "the server closed the connection before the end of its response");
        }
        return got;
    }

    /** Copies what is buffered, or reads from the socket, at most {@code max} bytes. */
    private int transfer(ByteBuffer into, long max) throws IOException {
        int wanted = (int) Math.min(max, into.remaining());
        if (position == limit && into.hasArray()) {
            int got = receive(into.array(), into.arrayOffset() + into.position(), wanted);
            into.position(into.position() + got);
            return got;
        }
        if (position == limit) {
            fill();
        }
        int count = Math.min(wanted, limit - position);
        into.put(buffer, position, count);
        position += count;
        return count;
    }

    private static String seconds(Duration time) {
        return time.toMillis() / 1000.0 + " s";
    }

    private final class FixedLength implements Body {
        private long left;

        FixedLength(long length) {
            this.left = length;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (left == 0) {
                return -1;
            }
            int got = transfer(into, left);
            left -= got;
            return got;
        }

        @Override
        public boolean isConsumed() {
            return left == 0;
        }
    }

    private final class Chunked implements Body {
        private static final int MAX_LINE = 4096;
        private long left;
        private boolean first = true;
        private boolean ended;

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (!ended && left == 0) {
                nextChunk();
            }
            if (ended) {
                return -1;
            }
            int got = transfer(into, left);
            left -= got;
            return got;
        }

        @Override
        public boolean isConsumed() {
            return ended;
        }

        private void nextChunk() throws IOException {
            if (!first && !chunkLine().isEmpty()) {
                throw malformed();
            }
            first = false;
            String size = chunkLine().split(";", 2)[0].strip();
            if (!size.matches("[0-9a-fA-F]{1,15}")) {
                throw malformed();
            }
            left = Long.parseLong(size, 16);
            if (left == 0) {
                for (String trailer = chunkLine(); !trailer.isEmpty(); trailer = chunkLine()) {
                    // Trailers say nothing that is needed here.
                }
                ended = true;
            }
        }

        private String chunkLine() throws IOException {
            return line(MAX_LINE, Long.MAX_VALUE);
        }

        private RetriableException malformed() {
            return new RetriableException(FailureReason.TRUNCATED, "the server's chunked encoding is broken");
        }
    }
}
