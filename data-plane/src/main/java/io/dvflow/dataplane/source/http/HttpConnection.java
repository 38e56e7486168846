package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.FailureReason;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocketFactory;

/** One connection to a server: sends a request, reads the head, hands out the body. */
final class HttpConnection implements Closeable {

    /** Heads, chunk sizes, and small bodies come through here; large bodies do not. */
    private static final int BUFFER = 64 << 10;

    private static final int MOST_TEXT = 8 << 10;
    /** What a line belongs to, for people. */
    private static final String HEAD = "response head";

    private static final String CHUNK = "head of a chunk";

    /** On the heap, where a line is found and made a string without a call for each of its bytes. */
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);

    private final HttpSettings settings;
    private final SocketChannel channel;
    private Transport transport;

    private HttpConnection(HttpSettings settings, SocketChannel channel) {
        this.settings = settings;
        this.channel = channel;
    }

    /** A TCP connection to the first address of the host that answers. */
    static HttpConnection connect(String host, int port, HttpSettings settings) throws IOException {
        IOException last = null;
        for (InetAddress address : InetAddress.getAllByName(host)) {
            SocketChannel channel = SocketChannel.open();
            try {
                channel.socket().connect(new InetSocketAddress(address, port), (int)
                        settings.connectTimeout().toMillis());
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                return new HttpConnection(settings, channel);
            } catch (IOException e) {
                channel.close();
                last = e;
            }
        }
        throw last == null ? new IOException("host " + host + " has no address") : last;
    }

    /** Speaks without TLS from here on, be it only to a proxy that then opens a way for {@link #secure}. */
    void plain() throws IOException {
        transport = new PlainTransport(channel, settings.stallTimeout());
    }

    /** Speaks TLS from here on, inside of TLS with a proxy if that is spoken already. */
    void secure(SSLSocketFactory factory, String host, int port, boolean verifyHost) throws IOException {
        channel.socket().setSoTimeout((int) settings.stallTimeout().toMillis());
        Socket below = switch (transport) {
            case null -> channel.socket();
            case PlainTransport tunnel -> {
                tunnel.release();
                yield channel.socket();
            }
            case TlsTransport tunnel -> tunnel.socket();
        };
        transport = new TlsTransport(below, factory, host, port, verifyHost);
    }

    ResponseHead exchange(String requestHead) throws IOException {
        return exchange(requestHead, new byte[0]);
    }

    ResponseHead exchange(String requestHead, byte[] body) throws IOException {
        transport.write(requestHead.getBytes(StandardCharsets.ISO_8859_1));
        if (body.length > 0) {
            transport.write(body);
        }
        long deadline = deadline();
        ResponseHead head = ResponseHead.read(max -> line(HEAD, max, deadline));
        while (head.status() < 200) {
            head = ResponseHead.read(max -> line(HEAD, max, deadline));
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
        long deadline = deadline();
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
        return buffer.hasRemaining() || transport.hasMore();
    }

    @Override
    public void close() throws IOException {
        if (transport == null) {
            channel.close();
        } else {
            transport.close();
        }
    }

    private String line(String of, int maxBytes, long deadline) throws IOException {
        StringBuilder line = new StringBuilder();
        boolean ended = false;
        while (!ended) {
            if (!buffer.hasRemaining()) {
                if (System.nanoTime() > deadline) {
                    throw new SocketTimeoutException(
                            "no complete " + of + " within " + seconds(settings.headTimeout()));
                }
                fill();
            }
            int count = bytesOfLine();
            line.append(new String(buffer.array(), buffer.position(), count, StandardCharsets.ISO_8859_1));
            buffer.position(buffer.position() + count);
            ended = line.charAt(line.length() - 1) == '\n';
            if (line.length() > maxBytes + 1) {
                throw new RetriableException(
                        FailureReason.REFUSED_BY_SERVER, "the server's " + of + " is larger than any real one");
            }
        }
        int end = line.length() - 1;
        return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
    }

    /** Up to the end of the line or of what is buffered. */
    private int bytesOfLine() {
        byte[] bytes = buffer.array();
        for (int at = buffer.position(); at < buffer.limit(); at++) {
            if (bytes[at] == '\n') {
                return at + 1 - buffer.position();
            }
        }
        return buffer.remaining();
    }

    private void fill() throws IOException {
        buffer.clear();
        try {
            receive(buffer);
        } finally {
            buffer.flip();
        }
    }

    private int receive(ByteBuffer into) throws IOException {
        int got;
        try {
            got = transport.read(into);
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

    /** Hands out what is buffered, or reads straight into the caller's buffer, at most {@code max} bytes. */
    private int transfer(ByteBuffer into, long max) throws IOException {
        int wanted = (int) Math.min(max, into.remaining());
        if (!buffer.hasRemaining() && wanted < BUFFER) {
            fill();
        }
        int end = into.limit();
        try {
            if (!buffer.hasRemaining()) {
                into.limit(into.position() + wanted);
                return receive(into);
            }
            int count = Math.min(wanted, buffer.remaining());
            into.put(into.position(), buffer, buffer.position(), count);
            into.position(into.position() + count);
            buffer.position(buffer.position() + count);
            return count;
        } finally {
            into.limit(end);
        }
    }

    private long deadline() {
        return System.nanoTime() + settings.headTimeout().toNanos();
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
        /** They are allowed and hardly used; more of them than this are somebody's way to keep a reader busy. */
        private static final int MOST_TRAILERS = 64;

        private static final Pattern SIZE = Pattern.compile("[0-9a-fA-F]{1,15}");
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
            if (!SIZE.matcher(size).matches()) {
                throw malformed();
            }
            left = Long.parseLong(size, 16);
            if (left == 0) {
                passTrailers();
                ended = true;
            }
        }

        /** Trailers say nothing that is needed here. */
        private void passTrailers() throws IOException {
            int passed = 0;
            long deadline = deadline();
            while (!line(CHUNK, MAX_LINE, deadline).isEmpty()) {
                passed++;
                if (passed > MOST_TRAILERS) {
                    throw malformed();
                }
            }
        }

        private String chunkLine() throws IOException {
            return line(CHUNK, MAX_LINE, deadline());
        }

        private RetriableException malformed() {
            return new RetriableException(FailureReason.TRUNCATED, "the server's chunked encoding is broken");
        }
    }
}
