package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Status line and headers of a response.
 *
 * @param headers names in lower case; values of repeated headers joined by a comma
 */
public record ResponseHead(int status, String reason, Map<String, String> headers) {

    private static final int MAX_BYTES = 64 << 10;
    private static final Pattern STATUS = Pattern.compile("[1-9]\\d\\d");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Pattern RANGE_MARKS = Pattern.compile("[ \\-/]");

    /** Where the lines come from. */
    interface Lines {
        /** Without the line break. */
        String next(int maxBytes) throws IOException;
    }

    /** What a 206 says it carries; {@code to} is the last byte, {@code total} -1 if the server does not know. */
    record ContentRange(long from, long to, long total) {
        long length() {
            return to - from + 1;
        }
    }

    static ResponseHead read(Lines lines) throws IOException {
        String[] status = lines.next(MAX_BYTES).split(" ", 3);
        if (status.length < 2
                || !status[0].startsWith("HTTP/1.")
                || !STATUS.matcher(status[1]).matches()) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER,
                    "the server's answer is not HTTP/1.1: protocol version not supported");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        int left = MAX_BYTES;
        for (String line = lines.next(left); !line.isEmpty(); line = lines.next(left)) {
            left -= line.length() + 2;
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.merge(
                        line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip(),
                        (a, b) -> a.equals(b) ? a : a + ", " + b);
            }
        }
        return new ResponseHead(Integer.parseInt(status[1]), status.length > 2 ? status[2] : "", headers);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    boolean isChunked() {
        return header("transfer-encoding")
                .filter(v -> v.toLowerCase(Locale.ROOT).endsWith("chunked"))
                .isPresent();
    }

    boolean closesConnection() {
        return header("connection").filter("close"::equalsIgnoreCase).isPresent();
    }

    OptionalLong contentLength() throws IOException {
        Optional<String> value = header("content-length");
        return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(number(value.get(), "Content-Length"));
    }

    Optional<ContentRange> contentRange() throws IOException {
        Optional<String> value = header("content-range");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String[] parts = RANGE_MARKS.split(value.get());
        if (parts.length == 4 && parts[0].equalsIgnoreCase("bytes")) {
            long total = parts[3].equals("*") ? -1 : number(parts[3], "Content-Range");
            ContentRange range =
                    new ContentRange(number(parts[1], "Content-Range"), number(parts[2], "Content-Range"), total);
            if (range.to >= range.from && (total < 0 || range.to < total)) {
                return Optional.of(range);
            }
        }
        throw new RetriableException(
                FailureReason.REFUSED_BY_SERVER, "the server's Content-Range makes no sense: " + value.get());
    }

    /** The number in {@code bytes *}{@code /N}, as a 416 carries it. */
    OptionalLong totalOfUnsatisfiedRange() throws IOException {
        Optional<String> value = header("content-range").filter(v -> v.startsWith("bytes */"));
        return value.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(number(value.get().substring("bytes */".length()), "Content-Range"));
    }

    private static long number(String text, String header) throws IOException {
        if (!NUMBER.matcher(text).matches()) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER, "the server's " + header + " is no number: " + text);
        }
        return Long.parseLong(text);
    }
}
