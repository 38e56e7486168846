package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.target.DiskReader;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A target for a second copy that writes nothing: it holds whatever it is told to write against what is on the disk. So a
 * disk is verified by the very way it was made, from a source that is read anew. Safe for use by many threads.
 */
public final class Verification implements DiskTarget {

    private static final int PIECE = 1 << 20;

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(PIECE).asReadOnlyBuffer();

    private final DiskTarget written;
    private final DiskReader disk;
    private final Queue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();

    /** @param written the finished disk, flushed */
    public Verification(DiskTarget written, DiskReader disk) {
        this.written = written;
        this.disk = disk;
    }

    @Override
    public long limit() {
        return written.limit();
    }

    @Override
    public long finishedSize() {
        return written.finishedSize();
    }

    @Override
    public int shortestHole() {
        return written.shortestHole();
    }

    @Override
    public long writtenBytes() {
        return written.writtenBytes();
    }

    @Override
    public void write(ByteBuffer data, long at) {
        long position = at;
        while (data.hasRemaining()) {
            ByteBuffer expected = data.slice(data.position(), Math.min(PIECE, data.remaining()));
            compare(expected, position);
            data.position(data.position() + expected.remaining());
            position += expected.remaining();
        }
    }

    /** Holes are zero by definition; what is none is read. */
    @Override
    public void zero(long at, long length) {
        long end = at + length;
        for (long from = disk.nextData(at); from < end; from = disk.nextData(from)) {
            int count = (int) Math.min(PIECE, end - from);
            compare(ZEROS.slice(0, count), from);
            from += count;
        }
    }

    /** Throws unless the disk has these bytes at this place. */
    private void compare(ByteBuffer expected, long at) {
        ByteBuffer buffer = Optional.ofNullable(buffers.poll()).orElseGet(Verification::newBuffer);
        long from = at / ALIGNMENT * ALIGNMENT;
        long to = Math.ceilDiv(at + expected.remaining(), ALIGNMENT) * ALIGNMENT;
        buffer.clear().limit((int) (to - from));
        disk.read(buffer, from);
        buffer.flip();
        int skipped = (int) (at - from);
        int there = Math.clamp(buffer.limit() - skipped, 0, expected.remaining());
        ByteBuffer found = buffer.slice(Math.min(skipped, buffer.limit()), there);
        int mismatch = expected.mismatch(found);
        if (mismatch >= 0) {
            throw differs(at + mismatch, expected, found, mismatch);
        }
        buffers.add(buffer);
    }

    private static TransferFailure differs(long at, ByteBuffer expected, ByteBuffer found, int mismatch) {
        String there = mismatch < found.limit() ? String.format("0x%02x", found.get(mismatch)) : "the end of the disk";
        return new TransferFailure(
                FailureReason.VERIFY_FAILED,
                "Unable to process data: verification failed: at byte " + at + " the source has "
                        + String.format("0x%02x", expected.get(mismatch)) + " and the disk has " + there
                        + ". The volume does not keep what is written to it, or something else writes to it; the disk is "
                        + "written anew");
    }

    private static ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(PIECE + 3 * ALIGNMENT)
                .alignedSlice(ALIGNMENT)
                .limit(PIECE + 2 * ALIGNMENT)
                .slice();
    }

    @Override
    public Optional<ResumeMap> earlierWork() {
        return Optional.empty();
    }

    @Override
    public void flush() {
        // Nothing is written.
    }

    @Override
    public void remember(ResumeMap durable) {
        throw writesNothing();
    }

    @Override
    public void startFresh(long virtualSize) {
        throw writesNothing();
    }

    @Override
    public void resize(long virtualSize) {
        throw writesNothing();
    }

    @Override
    public void preallocate() {
        throw writesNothing();
    }

    @Override
    public void finish() {
        throw writesNothing();
    }

    @Override
    public void discard() {
        throw writesNothing();
    }

    private static UnsupportedOperationException writesNothing() {
        return new UnsupportedOperationException("A verification changes nothing");
    }

    @Override
    public void close() {
        disk.close();
    }
}
