package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Small questions to servers: tokens, manifests, tickets. Each over a connection of its own; trouble of the moment is
 * ridden out as in a transfer. Redirects are not followed. Safe for use by many threads.
 */
public final class HttpApi {

    private static final Set<Integer> TRY_AGAIN = Set.of(408, 425, 429, 500, 502, 503, 504);

    private final HttpAccess access;

    public HttpApi(HttpAccess access) {
        this.access = access;
    }

    /**
     * @param headerLines full lines, {@code Name: value}
     * @param body empty for none; its type belongs into the header lines
     * @param mostBytes an answer larger than this is refused
     */
    public record Question(String method, HttpUrl url, List<String> headerLines, byte[] body, int mostBytes) {
        private static final int USUAL_MOST_BYTES = 4 << 20;

        public static Question get(HttpUrl url, List<String> headerLines) {
            return new Question("GET", url, headerLines, new byte[0], USUAL_MOST_BYTES);
        }

        public static Question options(HttpUrl url) {
            return new Question("OPTIONS", url, List.of(), new byte[0], USUAL_MOST_BYTES);
        }

        public static Question post(HttpUrl url, List<String> headerLines, String body) {
            return new Question("POST", url, headerLines, body.getBytes(StandardCharsets.UTF_8), USUAL_MOST_BYTES);
        }
    }

    /**
     * Whatever the server said, unless that was to try again.
     *
     * @param asked of several questions, the one that was answered
     */
    public record Answer(HttpUrl asked, ResponseHead head, byte[] body) {
        public int status() {
            return head.status();
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /**
     * Asks until there is an answer.
     *
     * @param doing what is being done, as the beginning of a sentence: {@code Unable to connect to s3 data source: x}
     * @throws TransferFailure if there is none after some tries
     */
    public Answer ask(String doing, Question question) {
        return ask(doing, List.of(question));
    }

    /**
     * Asks one place after the other until one of them has an answer.
     *
     * @param questions in order of preference, at least one
     */
    public Answer ask(String doing, List<Question> questions) {
        return ask(doing, questions, TRY_AGAIN);
    }

    /**
     * As {@link #ask(String, Question)}, for servers that mean something else by a status.
     *
     * @param tryAgain statuses that are no answer
     */
    public Answer ask(String doing, Question question, Set<Integer> tryAgain) {
        return ask(doing, List.of(question), tryAgain);
    }

    private Answer ask(String doing, List<Question> questions, Set<Integer> tryAgain) {
        Patience patience = new Patience(access, () -> 0);
        while (true) {
            try {
                return askEach(questions, tryAgain);
            } catch (IOException e) {
                patience.afterFailure(doing, e);
            }
        }
    }

    private Answer askEach(List<Question> questions, Set<Integer> tryAgain) throws IOException {
        IOException first = null;
        for (Question question : questions) {
            try {
                return askOnce(question, tryAgain);
            } catch (IOException e) {
                first = first == null ? e : first;
            }
        }
        throw first == null ? new IOException("nothing to ask") : first;
    }

    private Answer askOnce(Question question, Set<Integer> tryAgain) throws IOException {
        HttpConnection connection = access.connect(question.url(), "http");
        try {
            ResponseHead head = connection.exchange(head(question), question.body());
            Optional<HttpUrl> proxy = access.forwardingProxy(question.url());
            if (head.status() == 407 && proxy.isPresent()) {
                throw HttpAccess.wantsLogin(proxy.get(), "Unable to ask " + question.url());
            }
            if (tryAgain.contains(head.status())) {
                throw HttpStatus.unavailable(head, proxy);
            }
            return new Answer(question.url(), head, body(question, connection, head));
        } finally {
            access.disconnect(connection);
        }
    }

    private String head(Question question) {
        List<String> lines = new ArrayList<>(question.headerLines());
        lines.add("Connection: close");
        if (question.body().length > 0 || !question.method().equals("GET")) {
            lines.add("Content-Length: " + question.body().length);
        }
        return new RequestHeaders(question.method(), question.url(), lines)
                .text(access.forwardingProxy(question.url()));
    }

    private static byte[] body(Question question, HttpConnection connection, ResponseHead head) throws IOException {
        boolean none = question.method().equals("HEAD") || head.status() == 204 || head.status() == 304;
        if (none) {
            return new byte[0];
        }
        Optional<Body> body = head.isChunked()
                ? Optional.of(connection.chunkedBody())
                : head.contentLength().isPresent()
                        ? Optional.of(connection.body(head.contentLength().getAsLong()))
                        : Optional.empty();
        if (body.isEmpty()) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER, "the server does not say how long its answer is");
        }
        return read(question, body.get());
    }

    private static byte[] read(Question question, Body body) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(64 << 10);
        while (true) {
            if (!into.hasRemaining()) {
                if (into.capacity() >= question.mostBytes()) {
                    throw new TransferFailure(
                            FailureReason.REFUSED_BY_SERVER,
                            "The answer of " + question.url() + " is larger than " + question.mostBytes() + " bytes");
                }
                into = ByteBuffer.allocate(Math.min(question.mostBytes(), 2 * into.capacity()))
                        .put(into.flip());
            }
            if (body.read(into) < 0) {
                byte[] all = new byte[into.position()];
                into.flip().get(all);
                return all;
            }
        }
    }
}
