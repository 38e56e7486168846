package io.dvflow.testbed.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Request line and headers.
 *
 * @param path without the query
 * @param headers names in lower case
 */
record RequestHead(String method, String path, String query, String version, Map<String, String> headers) {

    private static final int MAX_HEAD_BYTES = 64 << 10;
    /** The first byte of a TLS connection. */
    private static final int TLS_HANDSHAKE = 0x16;

    /** Bytes {@code from} to {@code to}, both included. */
    record Range(long from, long to) {
        long length() {
            return to - from + 1;
        }
    }

    /**
     * Empty when the client has closed the connection. TLS is found out by its first byte, as by other servers: it may hold no
     * end of a line, and the client would wait.
     *
     * @param in supports marks
     */
    static Optional<RequestHead> read(InputStream in) throws IOException {
        in.mark(1);
        if (in.read() == TLS_HANDSHAKE) {
            throw new IOException("TLS, but this server speaks none");
        }
        in.reset();
        String line = readLine(in);
        if (line == null || line.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = line.split(" ");
        if (parts.length != 3 || !parts[2].startsWith("HTTP/")) {
            throw new IOException("Not a request line: " + line);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        int total = line.length();
        for (String header = readLine(in); header != null && !header.isEmpty(); header = readLine(in)) {
            total += header.length();
            if (total > MAX_HEAD_BYTES) {
                throw new IOException("Request head is larger than " + MAX_HEAD_BYTES + " bytes");
            }
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(
                        header.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
        }
        int question = parts[1].indexOf('?');
        String path = question < 0 ? parts[1] : parts[1].substring(0, question);
        String query = question < 0 ? "" : parts[1].substring(question + 1);
        return Optional.of(new RequestHead(parts[0], path, query, parts[2], headers));
    }

    boolean keepsAlive() {
        return version.equals("HTTP/1.1") && !"close".equalsIgnoreCase(headers.get("connection"));
    }

    boolean isHead() {
        return method.equals("HEAD");
    }

    /** The single byte range asked for, clipped to the content; an unsatisfiable one is returned as it is. */
    Optional<Range> range(long length) {
        String value = headers.getOrDefault("range", "");
        if (!value.startsWith("bytes=") || value.contains(",")) {
            return Optional.empty();
        }
        String[] ends = value.substring("bytes=".length()).split("-", 2);
        if (ends.length != 2) {
            return Optional.empty();
        }
        if (ends[0].isEmpty()) {
            return Optional.of(new Range(Math.max(0, length - Long.parseLong(ends[1])), length - 1));
        }
        long to = ends[1].isEmpty() ? length - 1 : Math.min(length - 1, Long.parseLong(ends[1]));
        return Optional.of(new Range(Long.parseLong(ends[0]), to));
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        byte[] one = new byte[1];
        while (in.read(one) == 1) {
            if (one[0] == '\n') {
                return line.toString();
            }
            if (one[0] != '\r') {
                line.append(new String(one, StandardCharsets.ISO_8859_1));
            }
            if (line.length() > MAX_HEAD_BYTES) {
                throw new IOException("Line is longer than " + MAX_HEAD_BYTES + " bytes");
            }
        }
        return line.isEmpty() ? null : line.toString();
    }
}
