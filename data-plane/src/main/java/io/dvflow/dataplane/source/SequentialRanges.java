package io.dvflow.dataplane.source;

import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;

/** A seekable source read in order: can be taken up again at every byte. */
public final class SequentialRanges implements SequentialReader {

    private final RangeReader ranges;
    private long position;

    /**
     * @param ranges closed with this reader
     * @param from first byte to be read
     * @param end end of the source
     */
    public SequentialRanges(RangeReader ranges, long from, long end) {
        this.ranges = ranges;
        this.position = from;
        ranges.start(from, end);
    }

    @Override
    public int read(ByteBuffer into) {
        int got = ranges.read(into);
        position += Math.max(0, got);
        return got;
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
        ranges.close();
    }
}
