package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.stop.Waiting;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Gives the writes of a stream a thread of their own, a few buffers behind whoever fills them: so that unpacking, say, and
 * writing go on at the same time, and every byte is unpacked to where it is written from. For use by one thread.
 */
final class WriteBehind implements AutoCloseable {

    private static final int BUFFERS = 4;
    private static final Buffer END = new Buffer(ByteBuffer.allocate(0));

    private final Ledger ledger;
    private final SparseWriter writer;
    private final BlockingQueue<Buffer> empty = new ArrayBlockingQueue<>(BUFFERS);
    private final BlockingQueue<Buffer> full = new ArrayBlockingQueue<>(BUFFERS + 1);
    private final Thread thread;
    private volatile RuntimeException failure;

    /** @param ledger hears what has been written, and up to where */
    WriteBehind(DiskTarget target, Ledger ledger) {
        this.ledger = ledger;
        writer = new SparseWriter(target, ledger);
        for (int i = 0; i < BUFFERS; i++) {
            empty.add(new Buffer(SparseWriter.newBuffer()));
        }
        thread = Thread.ofPlatform().daemon().name("write-behind").start(this::writeToEnd);
    }

    /** A buffer on its way. */
    static final class Buffer {
        private final ByteBuffer bytes;
        private long guest;
        private Optional<Mark> mark = Optional.empty();

        private Buffer(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        /** To be filled; has no more room than the next write is to be long. */
        ByteBuffer bytes() {
            return bytes;
        }
    }

    /**
     * An empty buffer, as soon as there is one.
     *
     * @param guest where its first byte will belong
     * @throws RuntimeException what has made a write fail
     */
    Buffer take(long guest) {
        Buffer buffer = Waiting.take(empty);
        check();
        buffer.bytes.clear().limit(SparseWriter.roomFrom(guest));
        buffer.guest = guest;
        return buffer;
    }

    /**
     * Has a buffer written after all that were given before.
     *
     * @param mark where the stream can be taken up once that is done, if it can be there
     */
    void write(Buffer buffer, Optional<Mark> mark) {
        buffer.mark = mark;
        full.add(buffer);
    }

    /** Returns when all is written. */
    void finish() {
        awaitEnd();
        check();
    }

    /** @throws RuntimeException what has made a write fail, if one has */
    void check() {
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Why the copy has failed: a write that failed before the reading did is the news, but for bytes that are not what they
     * should be, after which nothing counts.
     *
     * @param seen what whoever fills the buffers has seen
     */
    RuntimeException cause(RuntimeException seen) {
        awaitEnd();
        boolean mismatch = seen instanceof TransferFailure told && told.isMismatch();
        if (failure == null || failure.equals(seen) || mismatch) {
            return seen;
        }
        failure.addSuppressed(seen);
        return failure;
    }

    /** What has been given to be written still is. */
    @Override
    public void close() {
        awaitEnd();
    }

    private void awaitEnd() {
        full.offer(END);
        Waiting.untilEnded(thread);
    }

    private void writeToEnd() {
        for (Buffer next = Waiting.take(full); next != END; next = Waiting.take(full)) {
            Buffer buffer = next;
            attempt(() -> write(buffer));
            empty.add(buffer);
        }
        attempt(writer::flush);
    }

    private void write(Buffer buffer) {
        writer.write(buffer.bytes, buffer.guest);
        if (buffer.mark.isPresent()) {
            // All that comes before the mark has to be on its way to the disk before the mark counts.
            writer.flush();
            ledger.canBeTakenUpAt(buffer.mark.get());
        }
    }

    /** After a failure nothing is written any more; buffers are only given back, for whoever waits for one has to hear of it. */
    private void attempt(Runnable step) {
        if (failure != null) {
            return;
        }
        try {
            step.run();
        } catch (RuntimeException e) {
            failure = e;
        } catch (Error e) {
            failure = new IllegalStateException("Writing behind failed: " + e, e);
        }
    }
}
