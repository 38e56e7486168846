package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.HttpFetcher.Response;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** One response from its first to its last byte, for servers without ranges. What breaks it, ends it. */
final class HttpWholeReader implements SequentialReader {

    private final HttpContext context;
    private final SourceIdentity identity;
    private final HttpFetcher fetcher;
    private Body body;
    private long position;

    HttpWholeReader(HttpContext context, SourceIdentity identity) {
        this.context = context;
        this.identity = identity;
        this.fetcher = new HttpFetcher(context);
    }

    @Override
    public int read(ByteBuffer into) {
        try {
            if (body == null) {
                body = request();
            }
            int limit = into.limit();
            into.limit(into.position() + context.access.rate.most(into.remaining()));
            int got;
            try {
                got = body.read(into);
            } finally {
                into.limit(limit);
            }
            if (got < 0) {
                checkEnd();
                return -1;
            }
            position += got;
            context.fetchedBytes.addAndGet(got);
            context.access.rate.read(got, context.access.stop);
            return got;
        } catch (IOException e) {
            context.access.stop.check();
            throw new TransferFailure(
                    e instanceof RetriableException r ? r.reason() : FailureReason.CONNECTION_FAILED,
                    "Unable to process data: reading " + context.url + " at byte " + position + ": " + e.getMessage(),
                    e);
        }
    }

    @Override
    public long position() {
        return position;
    }

    /** The server answers no ranges. */
    @Override
    public Mark mark() {
        return Mark.at(0);
    }

    @Override
    public void close() {
        fetcher.close();
    }

    private Body request() throws IOException {
        Response response = fetcher.get(Optional.empty(), Optional.empty());
        if (response.head().status() != 200) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER,
                    "expected status code 200, got " + response.head().status());
        }
        long length = response.head().isChunked()
                ? -1
                : response.head().contentLength().orElse(-1);
        Optional<String> difference = identity.differenceTo(response.head(), length);
        if (difference.isPresent()) {
            throw new TransferFailure(
                    FailureReason.SOURCE_CHANGED,
                    "Unable to process data: " + context.url + " changed while it was being read: " + difference.get());
        }
        return response.body().orElseThrow();
    }

    private void checkEnd() throws IOException {
        if (fetcher.hasUnexpectedBytes()) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER,
                    "the server announced " + position + " bytes and sent more than that");
        }
    }
}
