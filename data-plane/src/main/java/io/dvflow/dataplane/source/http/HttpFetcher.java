package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.ResponseHead.ContentRange;
import io.dvflow.transfer.FailureReason;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Sends requests over one connection at a time, follows redirects, sorts statuses. Not safe for many threads. */
final class HttpFetcher implements Closeable {

    private static final int MAX_REDIRECTS = 10;
    /** Two things may be wrong with one request, a region and a clock. */
    private static final int MAX_RENEWALS = 2;

    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final HttpContext context;
    private HttpConnection connection;
    private HttpUrl connectedTo;
    private Response last;

    HttpFetcher(HttpContext context) {
        this.context = context;
    }

    /**
     * @param body empty unless the status is 200 or 206
     * @param refusal what there is in its place
     */
    record Response(ResponseHead head, Optional<Body> body, Optional<Refusal> refusal) {}

    /**
     * A response with status 200, 206 or 416.
     *
     * @throws TransferFailure where asking again cannot help
     * @throws IOException where it may
     */
    Response get(Optional<String> range, Optional<String> ifRange) throws IOException {
        HttpUrl start = context.firstChoice();
        Response response = follow(start, range, ifRange);
        if (HttpStatus.isRefusal(response.head.status()) && !start.equals(context.url)) {
            // A signed URL has run out, or a mirror has lost the file: ask the first address for another one.
            context.resolved.compareAndSet(start, null);
            response = follow(context.url, range, ifRange);
        }
        for (int i = 0; i < MAX_RENEWALS && isRenewed(response); i++) {
            response = follow(context.url, range, ifRange);
        }
        if (response.refusal.isPresent()) {
            context.credentials.judge(context.url, response.refusal.get());
        }
        HttpStatus.check(response.head, context);
        last = response;
        return response;
    }

    /** What the server says to a HEAD request with these header lines: once, and without redirects. */
    ResponseHead head(HttpUrl url, List<String> lines) throws IOException {
        disconnect();
        connection = context.access.connect(url, context.kind);
        try {
            return connection.exchange(
                    new RequestHeaders("HEAD", url, lines).text(context.access.forwardingProxy(url)));
        } finally {
            disconnect();
        }
    }

    /** Whether the server has sent bytes after the end of its last response. */
    boolean hasUnexpectedBytes() throws IOException {
        return connection.hasUnexpectedBytes();
    }

    /** Gives the connection up; the next request opens another one. */
    void disconnect() {
        if (connection != null) {
            context.access.disconnect(connection);
            connection = null;
        }
        last = null;
    }

    @Override
    public void close() {
        disconnect();
    }

    private boolean isRenewed(Response response) throws IOException {
        return response.refusal.isPresent() && context.credentials.renew(context.url, response.refusal.get());
    }

    private Response follow(HttpUrl start, Optional<String> range, Optional<String> ifRange) throws IOException {
        HttpUrl url = start;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            Response response = exchange(url, range, ifRange);
            Optional<HttpUrl> next = redirect(url, response.head);
            if (next.isEmpty()) {
                if (hop > 0 && response.head.status() < 300) {
                    context.resolved.set(url);
                }
                return response;
            }
            disconnect();
            if (url.isTls() && !next.get().isTls()) {
                context.access.reporter.warning(
                        "The source redirects from https to " + next.get().shown());
            }
            url = next.get();
        }
        throw new TransferFailure(
                FailureReason.REFUSED_BY_SERVER,
                "Unable to connect to " + context.kind + " data source: " + context.url + " redirects more than "
                        + MAX_REDIRECTS + " times, last to " + url);
    }

    private Optional<HttpUrl> redirect(HttpUrl url, ResponseHead head) {
        if (!REDIRECTS.contains(head.status())) {
            return Optional.empty();
        }
        Optional<String> location = head.header("location");
        return location.isPresent() ? location.map(url::resolve) : context.credentials.redirect(url, head);
    }

    private Response exchange(HttpUrl url, Optional<String> range, Optional<String> ifRange) throws IOException {
        long askedAt = System.nanoTime();
        List<String> lines = new ArrayList<>(context.credentials.headerLines(url));
        range.ifPresent(value -> lines.add("Range: " + value));
        ifRange.ifPresent(value -> lines.add("If-Range: " + value));
        String request = new RequestHeaders("GET", url, lines).text(context.access.forwardingProxy(url));
        if (canReuse(url)) {
            try {
                return response(connection.exchange(request), askedAt);
            } catch (IOException e) {
                // The server has closed an idle connection, as it may; that is no failure yet.
                disconnect();
                context.access.stop.check();
            }
        }
        disconnect();
        connection = context.access.connect(url, context.kind);
        connectedTo = url;
        return response(connection.exchange(request), askedAt);
    }

    private boolean canReuse(HttpUrl url) {
        boolean clean = last != null
                && !last.head.closesConnection()
                && last.body.map(Body::isConsumed).orElse(false);
        return connection != null && clean && url.sameServer(connectedTo);
    }

    private Response response(ResponseHead head, long askedAt) throws IOException {
        boolean hasContent = head.status() == 200 || head.status() == 206;
        if (hasContent) {
            return new Response(head, Optional.of(body(head)), Optional.empty());
        }
        if (head.status() == 416 || redirects(head)) {
            return new Response(head, Optional.empty(), Optional.empty());
        }
        return new Response(
                head, Optional.empty(), Optional.of(new Refusal(head, connection.beginningOfBody(head), askedAt)));
    }

    private static boolean redirects(ResponseHead head) {
        return REDIRECTS.contains(head.status()) && head.header("location").isPresent();
    }

    private Body body(ResponseHead head) throws IOException {
        if (head.isChunked()) {
            return connection.chunkedBody();
        }
        Optional<ContentRange> range = head.status() == 206 ? head.contentRange() : Optional.empty();
        if (head.contentLength().isEmpty() && range.isPresent()) {
            return connection.body(range.get().length());
        }
        if (head.contentLength().isEmpty()) {
            throw new TransferFailure(
                    FailureReason.LENGTH_UNKNOWN,
                    "Unable to process data: " + context.url + " is served without Content-Length and without chunked"
                            + " encoding, so a broken connection cannot be told from the end of the file. Serve it"
                            + " from a server that states the length");
        }
        return connection.body(head.contentLength().getAsLong());
    }
}
