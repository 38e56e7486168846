package io.dvflow.dataplane.source.nbd;

import io.dvflow.dataplane.source.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads ranges by several requests that are under way at the same time, so that the server's delay is waited for once and not
 * each time; takes up a lost connection at the byte where it was.
 */
final class NbdRanges implements RangeReader {

    private final NbdSource source;
    private final NbdPatience patience;
    private NbdConnection connection;
    /** The next byte that comes over the connection. */
    private long arriving;
    /** Up to where all has been asked for. */
    private long asked;

    private long position;
    private long end;

    NbdRanges(NbdSource source) {
        this.source = source;
        this.patience = source.patience();
    }

    @Override
    public void start(long from, long to) {
        if (connection != null && connection.inFlight() > 0) {
            disconnect();
        }
        position = from;
        end = to;
        arriving = blockOf(from);
        asked = arriving;
    }

    @Override
    public int read(ByteBuffer into) {
        while (position < end) {
            try {
                return readSome(into);
            } catch (IOException e) {
                disconnect();
                patience.afterFailure(
                        "Unable to process data: reading " + source.settings.shown() + " at byte " + position + " of "
                                + source.export().size(),
                        e,
                        source.endpoint);
                source.endpoint.revive();
            }
        }
        return -1;
    }

    @Override
    public void close() {
        disconnect();
    }

    private int readSome(ByteBuffer into) throws IOException {
        if (connection == null) {
            connection = source.connect();
            // In whole blocks: after an interruption the position may lie in the middle of one.
            arriving = blockOf(position);
            asked = arriving;
        }
        skip(position - arriving);
        int limit = into.limit();
        int room = source.settings.rate().most((int) Math.min(into.remaining(), end - position));
        into.limit(into.position() + room);
        try {
            int got = next(into);
            source.settings.rate().read(got, source.settings.stop());
            position += got;
            source.fetched.addAndGet(got);
            if (position == end) {
                drain();
            }
            return got;
        } finally {
            into.limit(limit);
        }
    }

    private int next(ByteBuffer into) throws IOException {
        askAhead();
        int got = connection.read(into);
        while (got < 0) {
            askAhead();
            got = connection.read(into);
        }
        arriving += got;
        return got;
    }

    private void askAhead() throws IOException {
        int block = source.export().smallestBlock();
        int most = Math.max(block, Math.min(NbdConnection.LARGEST_REQUEST, largestRead()) / block * block);
        long wanted = Math.min(Math.ceilDiv(end, block) * block, source.export().size());
        while (connection.inFlight() < source.mostInFlight() && asked < wanted) {
            int length = (int) Math.min(most, wanted - asked);
            connection.request(asked, length);
            asked += length;
        }
    }

    private int largestRead() {
        return Math.min(source.settings.largestRead(), source.export().largestRead());
    }

    private long blockOf(long offset) {
        int block = source.export().smallestBlock();
        return offset / block * block;
    }

    private void drain() throws IOException {
        skip(asked - arriving);
        while (connection.inFlight() > 0) {
            if (connection.read(ByteBuffer.allocate(1)) >= 0) {
                throw new IOException("the NBD server sent more than it was asked for");
            }
        }
    }

    private void skip(long bytes) throws IOException {
        ByteBuffer nowhere = ByteBuffer.allocate((int) Math.min(64 << 10, Math.max(1, bytes)));
        for (long left = bytes; left > 0; ) {
            nowhere.clear().limit((int) Math.min(nowhere.capacity(), left));
            left -= next(nowhere);
        }
    }

    private void disconnect() {
        if (connection != null) {
            source.disconnect(connection);
            connection = null;
        }
    }
}
