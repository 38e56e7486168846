package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.http.HttpFetcher.Response;
import io.dvflow.dataplane.source.http.ResponseHead.ContentRange;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads ranges of one and the same content: every response is held against the range asked for and the identity seen at
 * the beginning. A connection that breaks is taken up again at the byte where it broke.
 */
final class HttpRangeReader implements RangeReader {

    private final HttpContext context;
    private final SourceIdentity identity;
    private final HttpFetcher fetcher;
    private final Patience patience;
    private Body body;
    private long position;
    private long end;

    HttpRangeReader(HttpContext context, SourceIdentity identity) {
        this.context = context;
        this.identity = identity;
        this.fetcher = new HttpFetcher(context);
        this.patience = Patience.of(context);
    }

    @Override
    public void start(long from, long to) {
        position = from;
        end = to;
        body = null;
    }

    @Override
    public int read(ByteBuffer into) {
        while (position < end) {
            try {
                if (body == null) {
                    body = request();
                }
                int limit = into.limit();
                int most = context.access.rate.most(into.remaining());
                into.limit((int) Math.min(into.position() + most, into.position() + (end - position)));
                int got;
                try {
                    got = body.read(into);
                } finally {
                    into.limit(limit);
                }
                if (got > 0) {
                    position += got;
                    context.fetchedBytes.addAndGet(got);
                    context.access.rate.read(got, context.access.stop);
                    return got;
                }
                body = null;
            } catch (IOException e) {
                body = null;
                fetcher.disconnect();
                patience.afterFailure(
                        "Unable to process data: reading " + context.url + " at byte " + position + " of "
                                + identity.pin().length(),
                        e);
            }
        }
        return -1;
    }

    @Override
    public void close() {
        fetcher.close();
    }

    private Body request() throws IOException {
        context.access.stop.check();
        Response response = fetcher.get(Optional.of("bytes=" + position + "-" + (end - 1)), identity.ifRange());
        return switch (response.head().status()) {
            case 206 -> partial(response);
            case 200 -> whole(response);
            default ->
                throw changed("the server has no byte " + position + " any more, it answers 416 Range Not Satisfiable");
        };
    }

    private Body partial(Response response) throws IOException {
        Optional<ContentRange> range = response.head().contentRange();
        if (range.isEmpty()) {
            throw contradiction("a 206 response without a Content-Range of its own");
        }
        ContentRange got = range.get();
        failIfChanged(response.head(), got.total());
        if (got.from() != position || got.to() >= end) {
            throw contradiction("bytes " + got.from() + "-" + got.to() + " in answer to a request for bytes " + position
                    + "-" + (end - 1));
        }
        long declared = response.head().contentLength().orElse(got.length());
        if (!response.head().isChunked() && declared != got.length()) {
            throw contradiction("Content-Length " + declared + " beside Content-Range " + got.from() + "-" + got.to());
        }
        return response.body().orElseThrow();
    }

    /** Either the content has changed since, or the server has ceased to serve ranges, or the range is everything. */
    private Body whole(Response response) throws IOException {
        long length = response.head().contentLength().orElse(-1);
        failIfChanged(response.head(), length);
        if (position == 0 && end == identity.pin().length() && length == end) {
            return response.body().orElseThrow();
        }
        throw new RetriableException(
                FailureReason.RANGES_REQUIRED, "the server answered a request for a range with the whole file");
    }

    private void failIfChanged(ResponseHead head, long total) {
        Optional<String> difference = identity.differenceTo(head, total);
        if (difference.isPresent()) {
            throw changed(difference.get());
        }
    }

    private TransferFailure changed(String how) {
        return new TransferFailure(
                FailureReason.SOURCE_CHANGED,
                "Unable to process data: " + context.url + " changed while it was being read: " + how);
    }

    private static RetriableException contradiction(String what) {
        return new RetriableException(FailureReason.REFUSED_BY_SERVER, "the server sent " + what);
    }
}
