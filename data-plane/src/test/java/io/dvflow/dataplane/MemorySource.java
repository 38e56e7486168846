package io.dvflow.dataplane;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** A source that costs nothing to read. */
record MemorySource(byte[] bytes) implements ImageSource {

    /** The disk in it, as a transfer would open it. */
    DiskImage open() {
        return Transfer.image(Transfer.format(this), facts(), ranges());
    }

    @Override
    public Facts facts() {
        return new Facts(
                new SourcePin("memory", bytes.length, Optional.empty(), Optional.empty()),
                true,
                Arrays.copyOf(bytes, Math.min(bytes.length, FIRST_BYTES)),
                Optional.empty());
    }

    @Override
    public RangeReader ranges() {
        return new Reader(bytes);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return new SequentialRanges(ranges(), from.map(Mark::position).orElse(0L), bytes.length);
    }

    @Override
    public long fetchedBytes() {
        return 0;
    }

    private static final class Reader implements RangeReader {
        private final byte[] bytes;
        private ByteBuffer range = ByteBuffer.allocate(0);

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public void start(long from, long to) {
            range = ByteBuffer.wrap(bytes, Math.toIntExact(from), Math.toIntExact(to - from));
        }

        @Override
        public int read(ByteBuffer into) {
            if (!range.hasRemaining()) {
                return -1;
            }
            int count = Math.min(range.remaining(), into.remaining());
            into.put(into.position(), range, range.position(), count);
            into.position(into.position() + count);
            range.position(range.position() + count);
            return count;
        }

        @Override
        public void close() {}
    }
}
