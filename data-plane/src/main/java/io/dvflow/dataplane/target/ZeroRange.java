package io.dvflow.dataplane.target;

import io.dvflow.dataplane.foreign.LinuxFile;
import io.dvflow.dataplane.foreign.LinuxFile.Zeroing;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Makes ranges zero in the cheapest way that works, down to writing zeros. */
final class ZeroRange {

    private static final int BUFFER_BYTES = 1 << 20;

    private final DiskWriter writer;
    private final LinuxFile file;
    private final Zeroing[] ways;

    private ZeroRange(DiskWriter writer, LinuxFile file, Zeroing... ways) {
        this.writer = writer;
        this.file = file;
        this.ways = ways;
    }

    static ZeroRange of(DiskWriter writer, LinuxFile file, Zeroing... ways) {
        return new ZeroRange(writer, file, ways);
    }

    /** The ragged ends are written, so that neighbours in the same page are left alone. */
    void zero(long at, long length) throws IOException {
        long end = at + length;
        long from = Math.ceilDiv(at, DiskTarget.ALIGNMENT) * DiskTarget.ALIGNMENT;
        long to = end / DiskTarget.ALIGNMENT * DiskTarget.ALIGNMENT;
        if (from >= to) {
            writeZeros(at, length);
            return;
        }
        writeZeros(at, from - at);
        if (!tryWays(from, to - from)) {
            writeZeros(from, to - from);
        }
        writeZeros(to, end - to);
    }

    private boolean tryWays(long at, long length) throws IOException {
        for (Zeroing way : ways) {
            if (file.zero(way, at, length)) {
                return true;
            }
        }
        return false;
    }

    private void writeZeros(long at, long length) throws IOException {
        if (length == 0) {
            return;
        }
        ByteBuffer zeros = Zeros.BUFFER.duplicate();
        for (long done = 0; done < length; ) {
            int count = (int) Math.min(zeros.capacity(), length - done);
            writer.write(zeros.clear().limit(count), at + done);
            done += count;
        }
    }

    /** One for all: whoever writes zeros writes many of them. */
    private static final class Zeros {
        // One block more than needed, since cutting the ends to a boundary costs one.
        static final ByteBuffer BUFFER =
                ByteBuffer.allocateDirect(BUFFER_BYTES + DiskTarget.ALIGNMENT).alignedSlice(DiskTarget.ALIGNMENT);
    }
}
