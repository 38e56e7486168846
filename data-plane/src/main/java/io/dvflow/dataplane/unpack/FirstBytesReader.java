package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;

/** The bytes that a first look has brought, as a stream of their own. */
final class FirstBytesReader implements SequentialReader {

    private final ByteBuffer bytes;

    FirstBytesReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    @Override
    public int read(ByteBuffer into) {
        if (!bytes.hasRemaining()) {
            return -1;
        }
        int count = Math.min(into.remaining(), bytes.remaining());
        into.put(into.position(), bytes, bytes.position(), count);
        into.position(into.position() + count);
        bytes.position(bytes.position() + count);
        return count;
    }

    @Override
    public long position() {
        return bytes.position();
    }

    @Override
    public Mark mark() {
        return Mark.at(0);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
