package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A source from its beginning: first the bytes that are at hand, and only if those do not do, the source itself. */
final class FirstBytesReader implements SequentialReader {

    private final ImageSource source;
    private final ByteBuffer atHand;
    private SequentialReader rest;

    FirstBytesReader(ImageSource source) {
        this.source = source;
        this.atHand = ByteBuffer.wrap(source.facts().firstBytes());
    }

    @Override
    public int read(ByteBuffer into) {
        if (atHand.hasRemaining()) {
            int count = Math.min(into.remaining(), atHand.remaining());
            into.put(into.position(), atHand, atHand.position(), count);
            into.position(into.position() + count);
            atHand.position(atHand.position() + count);
            return count;
        }
        if (source.facts().length() == atHand.position()) {
            return -1;
        }
        if (rest == null) {
            rest = source.inOrder(Optional.empty());
            rest.skipTo(atHand.position());
        }
        return rest.read(into);
    }

    @Override
    public long position() {
        return rest == null ? atHand.position() : rest.position();
    }

    @Override
    public Mark mark() {
        return Mark.at(0);
    }

    @Override
    public void close() {
        if (rest != null) {
            rest.close();
        }
    }
}
