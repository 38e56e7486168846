package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Status line and headers of a response.
 *
 * @param headers names in lower case; values of repeated headers joined by a comma
 */
public record ResponseHead(int status, String reason, Map<String, String> headers) {

    private static final int MAX_BYTES = 64 << 10;
    /** So many digits of a number are sure to fit into a long. */
    private static final int MOST_DIGITS = 18;
    /** What a Content-Range begins with. */
    private static final String UNIT = "bytes ";

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
                || status[1].length() != 3
                || status[1].charAt(0) == '0'
                || !isNumber(status[1])) {
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
        String text = value.get();
        int from = UNIT.length();
        int dash = text.indexOf('-', from);
        int slash = text.indexOf('/', dash);
        if (text.regionMatches(true, 0, UNIT, 0, from) && dash > 0 && slash > 0) {
            String all = text.substring(slash + 1);
            ContentRange range = new ContentRange(
                    number(text.substring(from, dash), "Content-Range"),
                    number(text.substring(dash + 1, slash), "Content-Range"),
                    all.equals("*") ? -1 : number(all, "Content-Range"));
            if (range.to >= range.from && (range.total < 0 || range.to < range.total)) {
                return Optional.of(range);
            }
        }
        throw new RetriableException(
                FailureReason.REFUSED_BY_SERVER, "the server's Content-Range makes no sense: " + text);
    }

    /** The number in {@code bytes *}{@code /N}, as a 416 carries it. */
    OptionalLong totalOfUnsatisfiedRange() throws IOException {
        Optional<String> value = header("content-range").filter(v -> v.startsWith("bytes */"));
        return value.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(number(value.get().substring("bytes */".length()), "Content-Range"));
    }

    private static long number(String text, String header) throws IOException {
        if (!isNumber(text)) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER, "the server's " + header + " is no number: " + text);
        }
        return Long.parseLong(text);
    }

    /** No regular expression: a transfer is over before those of its some hundred heads are worth being compiled. */
    private static boolean isNumber(String text) {
        int digits = 0;
        while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
            digits++;
        }
        return digits == text.length() && digits > 0 && digits <= MOST_DIGITS;
    }
}
