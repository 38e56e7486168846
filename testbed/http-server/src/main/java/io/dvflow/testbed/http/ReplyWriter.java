package io.dvflow.testbed.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Puts a reply on the wire, faults and all. */
final class ReplyWriter {

    private static final int CHUNK = 64 << 10;

    private final Socket socket;
    private final OutputStream out;
    private final long connectionBytesPerSecond;

    ReplyWriter(Socket socket, long connectionBytesPerSecond) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.connectionBytesPerSecond = connectionBytesPerSecond;
    }

    /** Whether the connection can carry another request. */
    boolean write(Reply reply, Resource resource, boolean headOnly) throws IOException, InterruptedException {
        if (reply.garbage) {
            out.write("SSH-2.0-this_is_no_web_server\r\n\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1));
            return false;
        }
        if (reply.endlessHeaders) {
            writeLinesForEver("HTTP/1.1 200 OK\r\n");
        }
        writeHead(reply);
        if (headOnly) {
            return true;
        }
        writeBody(reply, resource);
        return finish(reply);
    }

    private void writeHead(Reply reply) throws IOException, InterruptedException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + reply.status + " " + reason(reply.status) + "\r\n");
        reply.headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        switch (reply.framing) {
            case LENGTH ->
                head.append("Content-Length: ").append(reply.declaredLength).append("\r\n");
            case CHUNKED -> head.append("Transfer-Encoding: chunked\r\n");
            case CLOSE -> head.append("Connection: close\r\n");
        }
        byte[] bytes = head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
        if (reply.headerByteMillis == 0) {
            out.write(bytes);
            return;
        }
        for (byte b : bytes) {
            out.write(b);
            out.flush();
            TimeUnit.MILLISECONDS.sleep(reply.headerByteMillis);
        }
    }

    /** Until the client has enough of them. */
    private void writeLinesForEver(String first) throws IOException {
        out.write(first.getBytes(StandardCharsets.ISO_8859_1));
        byte[] line = ("X-More: " + "x".repeat(1000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        while (true) {
            out.write(line);
        }
    }

    private void writeBody(Reply reply, Resource resource) throws IOException, InterruptedException {
        byte[] buffer = new byte[CHUNK];
        Pace pace = new Pace(slowest(reply.bytesPerSecond, connectionBytesPerSecond));
        long sent = 0;
        while (sent < reply.sendBytes) {
            int wanted = pace.portion((int) Math.min(CHUNK, reply.sendBytes - sent));
            int count = resource.passGates(reply.gates, sent, wanted);
            reply.content.read(reply.from + sent, buffer, count);
            writePart(reply, buffer, count);
            sent += count;
            pace.after(count);
        }
    }

    private void writePart(Reply reply, byte[] buffer, int count) throws IOException {
        if (reply.framing != Reply.Framing.CHUNKED) {
            out.write(buffer, 0, count);
            return;
        }
        ByteArrayOutputStream chunk = new ByteArrayOutputStream(count + 16);
        chunk.write((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        chunk.write(buffer, 0, count);
        chunk.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
        out.write(chunk.toByteArray());
    }

    private boolean finish(Reply reply) throws IOException {
        switch (reply.end) {
            case WHOLE -> {
                if (reply.framing == Reply.Framing.CHUNKED) {
                    out.write("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
                }
            }
            case DROP -> {
                // The close that follows is the fault.
            }
            case RESET -> socket.setSoLinger(true, 0);
            case STALL -> waitUntilTheClientGivesUp();
            case TRAILERS -> writeLinesForEver("0\r\n");
        }
        return !reply.endsConnection();
    }

    private void waitUntilTheClientGivesUp() throws IOException {
        byte[] ignored = new byte[1024];
        int got = 0;
        while (got >= 0) {
            got = socket.getInputStream().read(ignored);
        }
    }

    private static long slowest(long one, long other) {
        return one == 0 ? other : other == 0 ? one : Math.min(one, other);
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 206 -> "Partial Content";
            case 301 -> "Moved Permanently";
            case 302 -> "Found";
            case 307 -> "Temporary Redirect";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 416 -> "Range Not Satisfiable";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            default -> "Status";
        };
    }

    /** Spreads bytes evenly over time; 0 bytes a second is no limit. */
    private static final class Pace {
        private final long bytesPerSecond;
        private final long startedAt = System.nanoTime();
        private long bytes;

        Pace(long bytesPerSecond) {
            this.bytesPerSecond = bytesPerSecond;
        }

        int portion(int wanted) {
            return bytesPerSecond == 0 ? wanted : Math.clamp(bytesPerSecond / 50, 1, wanted);
        }

        void after(int count) throws InterruptedException {
            if (bytesPerSecond == 0) {
                return;
            }
            bytes += count;
            long due = startedAt + (long) (bytes * 1e9 / bytesPerSecond);
            long early = due - System.nanoTime();
            if (early > 0) {
                TimeUnit.NANOSECONDS.sleep(early);
            }
        }
    }
}
