package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.http.HttpFetcher.Response;
import io.dvflow.dataplane.source.http.ResponseHead.ContentRange;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** An image behind http or https. */
public final class HttpSource implements ImageSource {

    private final HttpContext context;
    private final SourceIdentity identity;
    private final Facts facts;
    private final Optional<String> offeredChecksum;

    private HttpSource(HttpContext context, SourceIdentity identity, Facts facts, Optional<String> offeredChecksum) {
        this.context = context;
        this.identity = identity;
        this.facts = facts;
        this.offeredChecksum = offeredChecksum;
    }

    private HttpSource(HttpContext context, SourceIdentity identity, Facts facts, ResponseHead head) {
        this(context, identity, facts, context.credentials.offeredChecksum(head));
    }

    /**
     * Asks for the first bytes, and so learns length, validators and whether there are ranges. A GET, because URLs that
     * are signed for one refuse a HEAD.
     *
     * @param kind as CDI calls the kind of source in its messages: {@code http}, {@code s3}
     * @throws TransferFailure if there is nothing to read, or no way to know where it ends
     */
    public static HttpSource probe(String kind, HttpUrl url, Credentials credentials, HttpAccess access) {
        HttpContext context = new HttpContext(kind, url, credentials, access);
        Patience patience = Patience.of(context);
        while (true) {
            try (HttpFetcher fetcher = new HttpFetcher(context)) {
                return firstLook(context, fetcher);
            } catch (IOException e) {
                patience.afterFailure("Unable to connect to " + kind + " data source: " + url, e);
            }
        }
    }

    /** An http source as the plan names it, see {@link #probe(String, HttpUrl, Credentials, HttpAccess)}. */
    public static HttpSource probe(TransferSource.Http source, HttpAccess access) {
        HttpUrl url = HttpUrl.parse(source.url());
        return probe("http", url, UserHeaders.of(url, source), access);
    }

    /** The same, with the patience of another access. */
    HttpSource withAccess(HttpAccess access) {
        return new HttpSource(
                new HttpContext(context.kind, context.url, context.credentials, access),
                identity,
                facts,
                offeredChecksum);
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public RangeReader ranges() {
        return new HttpRangeReader(context, identity);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return facts.seekable()
                ? new SequentialRanges(
                        ranges(),
                        from.map(Mark::position).orElse(0L),
                        identity.pin().length())
                : new HttpWholeReader(context, identity);
    }

    @Override
    public Optional<String> offeredChecksum() {
        return offeredChecksum.or(this::askForChecksum);
    }

    private Optional<String> askForChecksum() {
        Patience patience = Patience.of(context);
        while (true) {
            try (HttpFetcher fetcher = new HttpFetcher(context)) {
                HttpUrl url = context.firstChoice();
                Optional<List<String>> lines = context.credentials.checksumRequest(url);
                if (lines.isEmpty()) {
                    return Optional.empty();
                }
                ResponseHead head = fetcher.head(url, lines.get());
                // Who may read an object need not be allowed to ask about it.
                return head.status() == 200 && isTheSame(head)
                        ? context.credentials.offeredChecksum(head)
                        : Optional.empty();
            } catch (IOException e) {
                patience.afterFailure("Unable to connect to " + context.kind + " data source: " + context.url, e);
            }
        }
    }

    private boolean isTheSame(ResponseHead head) throws IOException {
        return identity.differenceTo(head, head.contentLength().orElse(-1)).isEmpty();
    }

    @Override
    public long fetchedBytes() {
        return context.fetchedBytes.get();
    }

    private static HttpSource firstLook(HttpContext context, HttpFetcher fetcher) throws IOException {
        Optional<String> beginning = Optional.of("bytes=0-" + (FIRST_BYTES - 1));
        Response response = fetcher.get(beginning, Optional.empty());
        if (response.head().status() == 200
                && response.head()
                        .header("accept-ranges")
                        .filter("bytes"::equals)
                        .isPresent()) {
            // It says that it can; some front ends do so only from the second request on.
            fetcher.disconnect();
            response = fetcher.get(beginning, Optional.empty());
        }
        return switch (response.head().status()) {
            case 206 -> seekable(context, response);
            case 200 -> streamOnly(context, response);
            default -> throw nothingThere(context, response.head());
        };
    }

    private static HttpSource seekable(HttpContext context, Response response) throws IOException {
        ContentRange range = response.head()
                .contentRange()
                .orElseThrow(() -> new RetriableException(
                        FailureReason.REFUSED_BY_SERVER, "the server sent a 206 response without Content-Range"));
        if (range.from() != 0 || range.to() >= FIRST_BYTES) {
            throw new RetriableException(
                    FailureReason.REFUSED_BY_SERVER,
                    "the server sent bytes " + range.from() + "-" + range.to() + " in answer to a request for bytes 0-"
                            + (FIRST_BYTES - 1));
        }
        if (range.total() < 0) {
            throw new TransferFailure(
                    FailureReason.LENGTH_UNKNOWN,
                    "Unable to process data: the server of " + context.url + " does not say how long the file is");
        }
        SourceIdentity identity = SourceIdentity.of(context.url, range.total(), response.head());
        HttpSource source = new HttpSource(
                context, identity, facts(identity, true, new byte[0], response.head()), Optional.empty());
        byte[] first = new byte[(int) Math.min(FIRST_BYTES, range.total())];
        ByteBuffer rest = ByteBuffer.wrap(first);
        readAll(context, response.body().orElseThrow(), rest.limit((int) Math.min(first.length, range.length())));
        rest.limit(first.length);
        try (RangeReader reader = source.ranges()) {
            reader.start(rest.position(), first.length);
            reader.readFully(rest);
        }
        return new HttpSource(context, identity, facts(identity, true, first, response.head()), response.head());
    }

    private static HttpSource streamOnly(HttpContext context, Response response) throws IOException {
        byte[] first = new byte[FIRST_BYTES];
        ByteBuffer into = ByteBuffer.wrap(first);
        boolean ended = readAll(context, response.body().orElseThrow(), into);
        long declared = response.head().isChunked()
                ? -1
                : response.head().contentLength().orElse(-1);
        long length = declared < 0 && ended ? into.position() : declared;
        if (length == 0) {
            throw nothingThere(context, response.head());
        }
        SourceIdentity identity = SourceIdentity.of(context.url, length, response.head());
        return new HttpSource(
                context,
                identity,
                facts(identity, false, Arrays.copyOf(first, into.position()), response.head()),
                response.head());
    }

    private static Facts facts(SourceIdentity identity, boolean seekable, byte[] first, ResponseHead head) {
        return new Facts(identity.pin(), seekable, first, head.header("content-type"));
    }

    /** Whether the body ended before the buffer was full. */
    private static boolean readAll(HttpContext context, Body body, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            int got = body.read(into);
            if (got < 0) {
                return true;
            }
            context.fetchedBytes.addAndGet(got);
        }
        return false;
    }

    private static TransferFailure nothingThere(HttpContext context, ResponseHead head) throws IOException {
        if (head.status() == 200 || head.totalOfUnsatisfiedRange().orElse(-1) == 0) {
            return new TransferFailure(
                    FailureReason.CORRUPT_IMAGE, "Unable to process data: " + context.url + " is empty, 0 bytes long");
        }
        return new TransferFailure(
                FailureReason.REFUSED_BY_SERVER,
                "Unable to connect to " + context.kind + " data source: expected status code 200, got " + head.status()
                        + ". Status: " + head.status() + " " + head.reason() + " (" + context.url + ")");
    }
}
