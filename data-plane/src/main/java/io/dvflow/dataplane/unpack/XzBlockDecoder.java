package io.dvflow.dataplane.unpack;

import io.dvflow.transfer.Mark;
import java.lang.foreign.MemorySegment;

/** One xz block, which is all of the input, held against what the index says of it. */
final class XzBlockDecoder implements Decoder {

    private final PackedInput input;
    private final PackedBlock expected;
    private final XzBlock block;
    private boolean begun;

    XzBlockDecoder(PackedInput input, PackedBlock expected, MemoryBudget.Share memory) {
        this.input = input;
        this.expected = expected;
        this.block = new XzBlock(input, memory);
    }

    @Override
    public int decode(MemorySegment into) {
        if (!begun) {
            begun = true;
            block.begin(expected.check());
        }
        int got = block.decode(into);
        if (got < 0 && (input.peek() >= 0 || !isAsLongAsExpected())) {
            throw input.trouble()
                    .corrupt("the block at byte " + expected.host() + " is not the one that the index lists");
        }
        return got;
    }

    @Override
    public Mark mark() {
        return Mark.at(0);
    }

    @Override
    public void close() {
        block.close();
    }

    private boolean isAsLongAsExpected() {
        return XzBlockList.padded(block.unpaddedSize()) == expected.hostLength()
                && block.plainSize() == expected.length();
    }
}
