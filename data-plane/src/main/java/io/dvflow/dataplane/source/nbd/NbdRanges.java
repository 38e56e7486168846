package io.dvflow.dataplane.source.nbd;

import io.dvflow.dataplane.source.RangeReader;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads ranges by requests as large as the server likes them; takes up a lost connection at the byte where it was. */
final class NbdRanges implements RangeReader {

    private final NbdSource source;
    private final NbdPatience patience;
    private NbdConnection connection;
    /** Bytes of the answer that have not been read yet. */
    private long pending;

    private long position;
    private long end;

    NbdRanges(NbdSource source) {
        this.source = source;
        this.patience = source.patience();
    }

    @Override
    public void start(long from, long to) {
        if (pending > 0) {
            disconnect();
        }
        position = from;
        end = to;
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
        }
        if (pending == 0) {
            request();
        }
        int limit = into.limit();
        int room = source.settings.rate().most((int) Math.min(into.remaining(), end - position));
        into.limit(into.position() + room);
        try {
            int got = taken(connection.read(into));
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

    /** In whole blocks: after an interruption the position may lie in the middle of one. */
    private void request() throws IOException {
        int block = source.export().smallestBlock();
        long from = position / block * block;
        long most = Math.max(
                block, Math.min(source.settings.largestRead(), source.export().largestRead()) / block * block);
        long to = Math.min(
                Math.min(Math.ceilDiv(end, block) * block, source.export().size()), from + most);
        connection.request(from, (int) (to - from));
        pending = to - from;
        skip(position - from);
    }

    private void drain() throws IOException {
        skip(pending);
        if (connection.read(ByteBuffer.allocate(1)) >= 0) {
            throw new IOException("the NBD server sent more than it was asked for");
        }
    }

    private void skip(long bytes) throws IOException {
        ByteBuffer nowhere = ByteBuffer.allocate((int) Math.min(64 << 10, Math.max(1, bytes)));
        for (long left = bytes; left > 0; ) {
            nowhere.clear().limit((int) Math.min(nowhere.capacity(), left));
            left -= taken(connection.read(nowhere));
        }
    }

    private int taken(int got) throws IOException {
        if (got < 0) {
            throw new IOException("the NBD server's answer is shorter than what was asked for");
        }
        pending -= got;
        return got;
    }

    private void disconnect() {
        if (connection != null) {
            source.disconnect(connection);
            connection = null;
        }
        pending = 0;
    }
}
