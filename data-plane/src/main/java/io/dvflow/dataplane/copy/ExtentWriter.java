package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.target.DiskTarget;
import java.nio.ByteBuffer;

/** Gathers the bytes of neighbouring runs into aligned writes of up to a megabyte. Belongs to one thread. */
final class ExtentWriter {

    private final SparseWriter writer;
    private final ByteBuffer buffer = SparseWriter.newBuffer();
    /** Guest offset of the first byte in the buffer. */
    private long start;

    ExtentWriter(DiskTarget target, Written written) {
        this.writer = new SparseWriter(target, written);
    }

    /** From now on, somebody else hears what has been written. */
    void reportTo(Written other) {
        writer.reportTo(other);
    }

    /** Moves {@code length} bytes from the reader to the disk. */
    void copy(RangeReader reader, long guest, long length) {
        long end = guest + length;
        for (long at = guest; at < end; at = start + buffer.position()) {
            prepare(at);
            int limit = (int) Math.min(SparseWriter.roomFrom(start), end - start);
            buffer.limit(limit);
            reader.readFully(buffer);
        }
    }

    /**
     * Moves all that the reader has towards the disk; {@link #flush} writes the last of it.
     *
     * @param guest where its first byte belongs
     */
    void copyAll(SequentialReader reader, long guest) {
        int got = 0;
        while (got >= 0) {
            prepare(guest + reader.position());
            buffer.limit(SparseWriter.roomFrom(start));
            got = reader.read(buffer);
        }
    }

    /** Moves {@code length} bytes from {@code offset} of the array on to the disk. */
    void put(byte[] bytes, int offset, int length, long guest) {
        int done = 0;
        while (done < length) {
            prepare(guest + done);
            buffer.limit(SparseWriter.roomFrom(start));
            int count = Math.min(buffer.remaining(), length - done);
            buffer.put(bytes, offset + done, count);
            done += count;
        }
    }

    /** Writes what is gathered. */
    void flush() {
        writeBuffer();
        writer.flush();
    }

    private void writeBuffer() {
        int end = buffer.position();
        writer.write(buffer, start);
        start += end;
    }

    /** Makes the buffer's position stand for a guest offset. */
    private void prepare(long guest) {
        if (guest != start + buffer.position() || buffer.position() == SparseWriter.roomFrom(start)) {
            writeBuffer();
            start = guest;
        }
    }
}
