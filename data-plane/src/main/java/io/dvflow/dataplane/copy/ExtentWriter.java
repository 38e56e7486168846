package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.FailureReason;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Gathers the bytes of neighbouring runs into aligned writes of up to a megabyte, and leaves out longer stretches of
 * zeros, which are gathered too: a device is asked once to make all of them zero. Belongs to one thread.
 */
final class ExtentWriter {

    private static final int BUFFER = 1 << 20;
    /** What a kill may lose, and what a device without a command for it has to write at once. */
    private static final long MOST_ZEROS = 16L << 20;

    private final DiskTarget target;
    private Written written;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER + DiskTarget.ALIGNMENT)
            .alignedSlice(DiskTarget.ALIGNMENT)
            .limit(BUFFER)
            .slice();
    private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
    /** Guest offset of the first byte in the buffer. */
    private long start;
    /** Where the zeros begin that come before the buffer and have not been made yet. */
    private long zerosFrom;

    private long zeros;

    ExtentWriter(DiskTarget target, Written written) {
        this.target = target;
        this.written = written;
    }

    /** From now on, somebody else hears what has been written. */
    void reportTo(Written other) {
        written = other;
    }

    /** Moves {@code length} bytes from the reader to the disk. */
    void copy(RangeReader reader, long guest, long length) {
        long end = guest + length;
        for (long at = guest; at < end; at = start + buffer.position()) {
            prepare(at);
            int limit = (int) Math.min(roomEnd(), end - start);
            buffer.limit(limit);
            reader.readFully(buffer);
            buffer.limit(BUFFER);
        }
    }

    /**
     * Moves some of what the reader has to the disk, to where the stream says it belongs.
     *
     * @param limit most that fits there
     * @return false at the end of the stream
     */
    boolean copySome(SequentialReader reader, long limit) {
        boolean more = readSome(reader, 0);
        if (reader.position() > limit) {
            throw new TransferFailure(FailureReason.TOO_SMALL, TooSmall.streamMessage(limit));
        }
        return more;
    }

    /**
     * Moves all that the reader has towards the disk; {@link #flush} writes the last of it.
     *
     * @param guest where its first byte belongs
     */
    void copyAll(SequentialReader reader, long guest) {
        boolean more = true;
        while (more) {
            more = readSome(reader, guest);
        }
    }

    private boolean readSome(SequentialReader reader, long guest) {
        prepare(guest + reader.position());
        buffer.limit(roomEnd());
        int got = reader.read(buffer);
        buffer.limit(BUFFER);
        return got >= 0;
    }

    /** Moves {@code length} bytes from {@code offset} of the array on to the disk. */
    void put(byte[] bytes, int offset, int length, long guest) {
        int done = 0;
        while (done < length) {
            prepare(guest + done);
            int count = Math.min(roomEnd() - buffer.position(), length - done);
            buffer.put(bytes, offset + done, count);
            done += count;
        }
    }

    /** Writes what is gathered. */
    void flush() {
        writeBuffer();
        makeZeros();
    }

    private void writeBuffer() {
        int end = buffer.position();
        int dataFrom = 0;
        int at = 0;
        while (at < end) {
            int zerosEnd = ZeroScan.zerosEnd(memory, at, end);
            if (zerosEnd - at >= target.shortestHole()) {
                writeData(dataFrom, at);
                gatherZeros(start + at, zerosEnd - at);
                dataFrom = zerosEnd;
            }
            at = Math.max(zerosEnd, at + ZeroScan.BLOCK);
        }
        writeData(dataFrom, end);
        buffer.clear();
        start += end;
    }

    private void gatherZeros(long guest, int length) {
        if (guest != zerosFrom + zeros || zeros >= MOST_ZEROS) {
            makeZeros();
            zerosFrom = guest;
        }
        zeros += length;
    }

    private void makeZeros() {
        if (zeros > 0) {
            target.zero(zerosFrom, zeros);
            written.skipped(zerosFrom, zeros);
            zeros = 0;
        }
    }

    private void writeData(int from, int to) {
        if (from < to) {
            makeZeros();
            target.write(buffer.slice(from, to - from), start + from);
            written.written(start + from, to - from);
        }
    }

    /** Makes the buffer's position stand for a guest offset. */
    private void prepare(long guest) {
        if (guest != start + buffer.position() || buffer.position() == roomEnd()) {
            writeBuffer();
            start = guest;
        }
    }

    /** Writes end at multiples of the buffer's size, so that they stay aligned however they began. */
    private int roomEnd() {
        return BUFFER - (int) (start % BUFFER);
    }
}
