package io.dvflow.dataplane.source;

import io.dvflow.dataplane.stop.TransferStopped;
import io.dvflow.dataplane.stop.Waiting;
import io.dvflow.transfer.Mark;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A seekable source in order, fetched over several connections: each takes the next piece as soon as there is room for it
 * among the few that are kept until it is their turn.
 */
public final class FetchAhead implements SequentialReader {

    private static final int MEMORY = 16 << 20;
    private static final int LARGEST_PIECE = 2 << 20;
    private static final int SMALLEST_PIECE = 128 << 10;
    private static final int MOST_CONNECTIONS = MEMORY / SMALLEST_PIECE / 2;
    /** A connection that waits for room longer is given up: the server may have no more than one for us. */
    private static final long LONGEST_IDLE_MILLIS = 1000;

    private final Supplier<RangeReader> readers;
    private final long end;
    private final int pieceBytes;
    private final Arena arena = Arena.ofShared();
    /** A ring: piece number n is in place n modulo its size. */
    private final List<Piece> ring = new ArrayList<>();

    private final List<Thread> threads = new ArrayList<>();
    private final long origin;
    private long nextToFetch;
    private long turn;
    private long position;
    private RuntimeException failure;
    private boolean abandoned;

    /**
     * @param readers a connection for each of {@code connections}
     * @param from first byte to be read
     * @param end end of the source
     */
    public FetchAhead(Supplier<RangeReader> readers, int connections, long from, long end) {
        this.readers = readers;
        this.end = end;
        this.origin = from;
        this.position = from;
        int count = Math.min(connections, MOST_CONNECTIONS);
        this.pieceBytes = Math.min(LARGEST_PIECE, MEMORY / (2 * count));
        long pieces = Math.ceilDiv(end - from, pieceBytes);
        for (int i = 0; i < Math.min(2L * count, pieces); i++) {
            ring.add(new Piece(arena.allocate(pieceBytes).asByteBuffer()));
        }
        for (int i = 0; i < Math.min(count, pieces); i++) {
            threads.add(Thread.ofPlatform().daemon().name("fetch-" + i).start(this::fetchPieces));
        }
    }

    /** A place in the ring. */
    private static final class Piece {
        private final ByteBuffer bytes;
        /** Number of the piece that is here from its first to its last byte. */
        private long ready = -1;

        Piece(ByteBuffer bytes) {
            this.bytes = bytes;
        }
    }

    @Override
    public int read(ByteBuffer into) {
        if (position == end) {
            return -1;
        }
        Piece piece = nextPiece();
        int count = Math.min(into.remaining(), piece.bytes.remaining());
        into.put(into.position(), piece.bytes, piece.bytes.position(), count);
        into.position(into.position() + count);
        piece.bytes.position(piece.bytes.position() + count);
        position += count;
        if (!piece.bytes.hasRemaining()) {
            makeRoom();
        }
        return count;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Mark mark() {
        return Mark.at(position);
    }

    /** Waits for reads that are under way; raise the signal of the transfer first where that may take long. */
    @Override
    public void close() {
        synchronized (this) {
            abandoned = true;
            notifyAll();
        }
        threads.forEach(Waiting::untilEnded);
        arena.close();
    }

    private Piece nextPiece() {
        try {
            return awaitTurn();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferStopped();
        }
    }

    private synchronized Piece awaitTurn() throws InterruptedException {
        Piece piece = ring.get((int) (turn % ring.size()));
        while (piece.ready != turn) {
            if (failure != null) {
                throw failure;
            }
            wait();
        }
        return piece;
    }

    private synchronized void makeRoom() {
        turn++;
        notifyAll();
    }

    private void fetchPieces() {
        try (Connection connection = new Connection()) {
            for (long number = take(connection); number >= 0; number = take(connection)) {
                fetch(number, connection.reader());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(new TransferStopped());
        } catch (RuntimeException e) {
            fail(e);
        } catch (Error e) {
            // Whoever waits has to hear of it.
            fail(new IllegalStateException("Fetching ahead failed: " + e, e));
        }
    }

    /** Number of the next piece to be fetched, once there is room for it; -1 when there is none. */
    private synchronized long take(Connection connection) throws InterruptedException {
        while (!isOver() && nextToFetch - turn >= piecesAhead()) {
            long before = turn;
            wait(LONGEST_IDLE_MILLIS);
            if (turn == before) {
                connection.close();
            }
        }
        return isOver() ? -1 : nextToFetch++;
    }

    /** Few at first: whoever only takes a look at the beginning should not have megabytes fetched for nothing. */
    private long piecesAhead() {
        return Math.min(ring.size(), 1 + 2 * turn);
    }

    private boolean isOver() {
        return abandoned || failure != null || origin + nextToFetch * pieceBytes >= end;
    }

    private void fetch(long number, RangeReader reader) {
        Piece piece = ring.get((int) (number % ring.size()));
        long from = origin + number * pieceBytes;
        long to = Math.min(end, from + pieceBytes);
        piece.bytes.clear().limit((int) (to - from));
        reader.start(from, to);
        while (piece.bytes.hasRemaining() && !isAbandoned()) {
            if (reader.read(piece.bytes) < 0) {
                throw new IllegalStateException("The range " + from + " to " + to + " ended before its end");
            }
        }
        piece.bytes.flip();
        announce(piece, number);
    }

    private synchronized void announce(Piece piece, long number) {
        if (!abandoned) {
            piece.ready = number;
            notifyAll();
        }
    }

    private synchronized boolean isAbandoned() {
        return abandoned;
    }

    private synchronized void fail(RuntimeException e) {
        if (failure == null) {
            failure = e;
        }
        notifyAll();
    }

    /** Of one thread; opened when it is needed. */
    private final class Connection implements AutoCloseable {
        private RangeReader reader;

        RangeReader reader() {
            if (reader == null) {
                reader = readers.get();
            }
            return reader;
        }

        @Override
        public void close() {
            if (reader != null) {
                reader.close();
                reader = null;
            }
        }
    }
}
