package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.target.DiskTarget;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Writes what buffers hold, and leaves out longer stretches of zeros, which are gathered: a device is asked once to make all
 * of them zero. Belongs to one thread.
 */
final class SparseWriter {

    /** Bytes of a buffer; writes are best as long, and end at its multiples. */
    static final int BUFFER = 1 << 20;

    /** What a kill may lose, and what a device without a command for it has to write at once. */
    private static final long MOST_ZEROS = 16L << 20;

    private final DiskTarget target;
    private Written written;
    /** Where the zeros begin that have not been made yet. */
    private long zerosFrom;

    private long zeros;

    SparseWriter(DiskTarget target, Written written) {
        this.target = target;
        this.written = written;
    }

    /** A buffer that can be written past the page cache. */
    static ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(BUFFER + DiskTarget.ALIGNMENT)
                .alignedSlice(DiskTarget.ALIGNMENT)
                .limit(BUFFER)
                .slice();
    }

    /** Bytes that a buffer may hold, of which the first belongs to a place of the disk: the next one starts aligned. */
    static int roomFrom(long guest) {
        return BUFFER - (int) (guest % BUFFER);
    }

    /** From now on, somebody else hears what has been written. */
    void reportTo(Written other) {
        written = other;
    }

    /**
     * Writes a buffer; zeros at its end may have to wait for {@link #flush}.
     *
     * @param buffer filled up to its position; empty afterwards
     * @param guest where its first byte belongs
     */
    void write(ByteBuffer buffer, long guest) {
        MemorySegment memory = MemorySegment.ofBuffer(buffer.duplicate().clear());
        int end = buffer.position();
        int hole = target.shortestHole();
        int dataFrom = 0;
        int at = 0;
        while (at + hole <= end) {
            if (ZeroScan.isZero(memory, at + hole - ZeroScan.BLOCK, ZeroScan.BLOCK)) {
                int zerosEnd = ZeroScan.zerosEnd(memory, at, end);
                if (zerosEnd - at >= hole) {
                    writeData(buffer, dataFrom, at, guest);
                    gatherZeros(guest + at, zerosEnd - at);
                    dataFrom = zerosEnd;
                }
                at = Math.max(zerosEnd, at + ZeroScan.BLOCK);
            } else {
                // A hole that began before this block of data would reach into it.
                at += hole;
            }
        }
        writeData(buffer, dataFrom, end, guest);
        buffer.clear();
    }

    /** Makes the zeros that are gathered. */
    void flush() {
        if (zeros > 0) {
            target.zero(zerosFrom, zeros);
            written.skipped(zerosFrom, zeros);
            zeros = 0;
        }
    }

    private void gatherZeros(long guest, int length) {
        if (guest != zerosFrom + zeros || zeros >= MOST_ZEROS) {
            flush();
            zerosFrom = guest;
        }
        zeros += length;
    }

    private void writeData(ByteBuffer buffer, int from, int to, long guest) {
        if (from < to) {
            flush();
            target.write(buffer.slice(from, to - from), guest + from);
            written.written(guest + from, to - from);
        }
    }
}
