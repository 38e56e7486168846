package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;

/** One block as a stream, which has to be as long as was said. */
final class WholeBlock implements SequentialReader {

    private final PackedBlock block;
    private final PackedInput input;
    private final UnpackingReader reader;
    private final MemoryBudget.Share memory;

    WholeBlock(PackedBlock block, PackedInput input, Decoder decoder, MemoryBudget.Share memory) {
        this.block = block;
        this.input = input;
        this.reader = new UnpackingReader(input, decoder, 0);
        this.memory = memory;
    }

    @Override
    public int read(ByteBuffer into) {
        int got = reader.read(into);
        if (got < 0 ? position() != block.length() : position() > block.length()) {
            throw input.trouble()
                    .corrupt("the block at byte " + block.host() + " holds " + (got < 0 ? "" : "at least ") + position()
                            + " bytes, the end of the file says " + block.length());
        }
        return got;
    }

    @Override
    public long position() {
        return reader.position();
    }

    @Override
    public Mark mark() {
        return Mark.at(0);
    }

    @Override
    public void close() {
        reader.close();
        memory.release();
    }
}
