package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** What a decoder makes, as a stream. */
final class UnpackingReader implements SequentialReader {

    /** For buffers on the heap, which native code cannot write to. */
    private static final int BUFFER = 64 << 10;

    private final PackedInput input;
    private final Decoder decoder;
    private MemorySegment between;
    private long position;

    UnpackingReader(PackedInput input, Decoder decoder, long position) {
        this.input = input;
        this.decoder = decoder;
        this.position = position;
    }

    @Override
    public int read(ByteBuffer into) {
        int got = into.isDirect() ? decodeInto(into) : copyInto(into);
        position += Math.max(0, got);
        return got;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Mark mark() {
        return decoder.mark();
    }

    @Override
    public void close() {
        decoder.close();
        input.close();
    }

    private int decodeInto(ByteBuffer into) {
        int got = decoder.decode(MemorySegment.ofBuffer(into));
        into.position(into.position() + Math.max(0, got));
        return got;
    }

    private int copyInto(ByteBuffer into) {
        if (between == null) {
            between = input.arena().allocate(BUFFER);
        }
        int got = decoder.decode(between.asSlice(0, Math.min(BUFFER, into.remaining())));
        if (got > 0) {
            into.put(between.asSlice(0, got).asByteBuffer());
        }
        return got;
    }
}
