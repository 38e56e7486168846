package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;

/** Bytes in memory as a stream that comes in small, uneven pieces. */
final class MemoryStream implements SequentialReader {

    private final byte[] bytes;
    private final int piece;
    private int position;

    MemoryStream(byte[] bytes, long from, int piece) {
        this.bytes = bytes;
        this.position = Math.toIntExact(from);
        this.piece = piece;
    }

    @Override
    public int read(ByteBuffer into) {
        int count = Math.min(Math.min(piece, into.remaining()), bytes.length - position);
        if (count == 0) {
            return -1;
        }
        into.put(bytes, position, count);
        position += count;
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Mark mark() {
        return Mark.at(position);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
