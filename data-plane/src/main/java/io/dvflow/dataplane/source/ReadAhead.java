package io.dvflow.dataplane.source;

import io.dvflow.dataplane.stop.Waiting;
import io.dvflow.transfer.Mark;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Gives a reader a thread of its own, a few buffers ahead of whoever wants its bytes: so that fetching, unpacking, hashing
 * and writing go on at the same time. Its marks are the reader's own, of the bytes that have been asked for.
 */
public final class ReadAhead implements SequentialReader {

    private static final int BUFFERS = 4;
    private static final int BUFFER = 512 << 10;

    private final SequentialReader reader;
    private final Arena arena = Arena.ofShared();
    private final BlockingQueue<Piece> empty = new ArrayBlockingQueue<>(BUFFERS);
    private final BlockingQueue<Piece> full = new ArrayBlockingQueue<>(BUFFERS);
    private final Thread thread;
    private volatile boolean abandoned;
    private Piece current;

    /** @param reader from now on read by another thread; closed with this one */
    public ReadAhead(SequentialReader reader) {
        this.reader = reader;
        current = new Piece(arena.allocate(BUFFER).asByteBuffer().limit(0));
        current.remember(reader);
        for (int i = 1; i < BUFFERS; i++) {
            empty.add(new Piece(arena.allocate(BUFFER).asByteBuffer()));
        }
        thread = Thread.ofPlatform().daemon().name("read-ahead").start(this::readToEnd);
    }

    /** A buffer on its way, the place of its first byte, and what came after its last. */
    private static final class Piece {
        private final ByteBuffer bytes;
        private long start;
        private Mark mark;
        private boolean last;
        private RuntimeException failure;

        Piece(ByteBuffer bytes) {
            this.bytes = bytes;
        }

        void remember(SequentialReader reader) {
            start = reader.position();
            mark = reader.mark();
        }
    }

    @Override
    public int read(ByteBuffer into) {
        while (!current.bytes.hasRemaining()) {
            if (current.failure != null) {
                throw current.failure;
            }
            if (current.last) {
                return -1;
            }
            Piece next = Waiting.take(full);
            empty.add(current);
            current = next;
        }
        int count = Math.min(into.remaining(), current.bytes.remaining());
        into.put(into.position(), current.bytes, current.bytes.position(), count);
        into.position(into.position() + count);
        current.bytes.position(current.bytes.position() + count);
        return count;
    }

    @Override
    public long position() {
        return current.start + current.bytes.position();
    }

    @Override
    public Mark mark() {
        return current.mark;
    }

    /** Waits for what is being read at the moment; raise the signal of the transfer first where that may take long. */
    @Override
    public void close() {
        abandoned = true;
        // Wakes the thread if it waits for room.
        empty.offer(current);
        Waiting.untilEnded(thread);
        reader.close();
        arena.close();
    }

    private void readToEnd() {
        boolean more = true;
        while (more && !abandoned) {
            Piece piece = Waiting.take(empty);
            fill(piece);
            more = !piece.last && piece.failure == null;
            full.add(piece);
        }
    }

    private void fill(Piece piece) {
        piece.bytes.clear();
        try {
            piece.remember(reader);
            while (piece.bytes.hasRemaining() && !piece.last && !abandoned) {
                piece.last = reader.read(piece.bytes) < 0;
            }
        } catch (RuntimeException e) {
            piece.failure = e;
        } catch (Error e) {
            // Whoever waits has to hear of it.
            piece.failure = new IllegalStateException("Reading ahead failed: " + e, e);
        }
        piece.bytes.flip();
    }
}
