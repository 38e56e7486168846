package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.ReadTables;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;

/**
 * Copies an image in the order of its bytes in the source, all of which pass: what is written, and the tables that say where to,
 * are then what the source's checksum is held against. A mark stands for all that begins before it.
 */
public final class OrderedCopy {

    private static final int STEP = 512 << 10;
    /** In the state of a mark: digest of the tables that what comes before it was written by. */
    private static final String TABLES = "tables";

    private final DiskImage image;
    private final OrderedRuns runs;
    private final ReadTables tables;
    private final String tablesDigest;
    private final MarkDistance distance;
    private final StopSignal stop;

    private OrderedCopy(DiskImage image, OrderedRuns runs, ReadTables tables, MarkDistance distance, StopSignal stop) {
        this.image = image;
        this.runs = runs;
        this.tables = tables;
        this.tablesDigest = tables.digest();
        this.distance = distance;
        this.stop = stop;
    }

    /**
     * Reads all tables of an image.
     *
     * @param tables by which the image reads them
     * @return empty if what the image has stored cannot be brought into the order of the source
     */
    public static Optional<OrderedCopy> of(DiskImage image, ReadTables tables, MarkDistance distance, StopSignal stop) {
        return OrderedRuns.of(image).map(runs -> new OrderedCopy(image, runs, tables, distance, stop));
    }

    /** Whether what comes before the mark was written by these very tables. */
    public boolean canBeTakenUpAt(Mark mark) {
        return tablesDigest.equals(mark.state().get(TABLES));
    }

    /**
     * Brings everything to its place, and reads the source to its end.
     *
     * @param source from where an earlier copy can be taken up, or anywhere before
     */
    public void copy(SequentialReader source, DiskTarget target, Ledger ledger) {
        makeZero(target, ledger);
        try (Copying copying = new Copying(source, target, ledger)) {
            copying.copy();
        } catch (RuntimeException e) {
            // So that the reader's threads need not wait for bytes that nobody wants any more.
            stop.raise();
            throw e;
        }
    }

    private void makeZero(DiskTarget target, Ledger ledger) {
        for (Iterator<Run> all = image.runs((guest, length) -> false); all.hasNext(); ) {
            if (all.next() instanceof Run.Zero zero) {
                CopyEngine.makeZero(zero.guest(), zero.length(), target, ledger, stop);
            }
        }
    }

    /** One way through the source. */
    private final class Copying implements AutoCloseable {
        private final SequentialReader source;
        private final Ledger ledger;
        private final ExtentWriter writer;
        private final Window window;
        private final long from;
        private final Iterator<ReadTables.Piece> pieces = tables.pieces().iterator();
        private final Iterator<Run.Stored> stored = runs.iterator();
        private Optional<ClusterDecoder> decoder = Optional.empty();
        private byte[] cluster = new byte[0];
        private Optional<ReadTables.Piece> piece = Optional.empty();
        private Optional<Run.Stored> run = Optional.empty();
        /** Place in the source of the next byte of the run. */
        private long at;

        private long marked;

        Copying(SequentialReader source, DiskTarget target, Ledger ledger) {
            this.source = source;
            this.ledger = ledger;
            this.from = source.position();
            this.marked = from;
            this.writer = new ExtentWriter(target, ledger);
            this.window = new Window(source);
        }

        void copy() {
            nextPiece();
            nextRun();
            while (piece.isPresent() || run.isPresent()) {
                stop.check();
                long next = Math.min(pieceFrom(), runFrom());
                if (window.end() + STEP < next) {
                    window.reach(window.end() + STEP, window.end() + STEP);
                } else if (pieceFrom() <= runFrom()) {
                    check(piece.orElseThrow());
                } else {
                    move(run.orElseThrow());
                }
                markIfDue(Math.min(pieceFrom(), runFrom()));
            }
            writer.flush();
            while (window.more()) {
                stop.check();
                markIfDue(Long.MAX_VALUE);
            }
        }

        private void check(ReadTables.Piece next) {
            window.reach(next.from(), next.from() + next.length());
            if (!tables.isHeldBy(next, window.bytes, window.offset(next.from()))) {
                // If it is this reading that is wrong, the checksum says so at the end.
                passOverTheRest();
                throw ReadTables.changed(next);
            }
            nextPiece();
        }

        private void passOverTheRest() {
            while (window.more()) {
                stop.check();
            }
        }

        private void move(Run.Stored next) {
            switch (next) {
                case Run.Data data -> {
                    int count = (int) Math.min(Math.min(STEP, data.hostEnd() - at), pieceFrom() - at);
                    window.reach(at, at + count);
                    writer.put(window.bytes, window.offset(at), count, data.guest() + (at - data.host()));
                    at += count;
                    if (at == data.hostEnd()) {
                        nextRun();
                    }
                }
                case Run.Compressed compressed -> {
                    window.reach(compressed.host(), compressed.hostEnd());
                    decoder().decode(compressed, window.bytes, window.offset(compressed.host()), cluster);
                    writer.put(cluster, 0, (int) compressed.length(), compressed.guest());
                    nextRun();
                }
                case Run.Packed _ -> throw new IllegalArgumentException("No cluster: " + next);
            }
        }

        /** What begins before the place that this was opened at was done when that became a mark. */
        private void nextPiece() {
            piece = Optional.empty();
            while (piece.isEmpty() && pieces.hasNext()) {
                piece = Optional.of(pieces.next()).filter(next -> next.from() >= from);
            }
        }

        private void nextRun() {
            run = Optional.empty();
            while (run.isEmpty() && stored.hasNext()) {
                run = Optional.of(stored.next())
                        .filter(next -> next.host() >= from || next instanceof Run.Data && next.hostEnd() > from);
            }
            at = run.map(next -> Math.max(next.host(), from)).orElse(0L);
        }

        private long pieceFrom() {
            return piece.map(ReadTables.Piece::from).orElse(Long.MAX_VALUE);
        }

        private long runFrom() {
            return run.isPresent() ? at : Long.MAX_VALUE;
        }

        /** @param next all that begins before it has been done */
        private void markIfDue(long next) {
            if (source.position() - marked < distance.source()) {
                return;
            }
            Mark mark = source.mark();
            if (mark.position() > marked && mark.position() <= next) {
                writer.flush();
                Map<String, String> state = new HashMap<>(mark.state());
                state.put(TABLES, tablesDigest);
                ledger.canBeTakenUpAt(new Mark(mark.position(), state, mark.below()));
                marked = mark.position();
            }
        }

        private ClusterDecoder decoder() {
            if (decoder.isEmpty()) {
                decoder = Optional.of(image.newDecoder());
                cluster = new byte[decoder.get().clusterSize()];
            }
            return decoder.get();
        }

        @Override
        public void close() {
            decoder.ifPresent(ClusterDecoder::close);
        }
    }

    /** The last bytes of the source that have been read, as far back as anybody still needs them. */
    private static final class Window {
        private final SequentialReader source;
        private byte[] bytes = new byte[2 * STEP];
        /** Where the first of them lies in the source. */
        private long start;

        private int length;

        Window(SequentialReader source) {
            this.source = source;
            this.start = source.position();
        }

        long end() {
            return start + length;
        }

        int offset(long place) {
            return (int) (place - start);
        }

        /** Drops what comes before {@code first}, and reads on to {@code last}. */
        void reach(long first, long last) {
            drop(first);
            while (end() < first) {
                read((int) Math.min(bytes.length, first - end()));
                drop(first);
            }
            int wanted = (int) (last - start);
            if (wanted > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(wanted, 2 * bytes.length));
            }
            while (end() < last) {
                read((int) (last - end()));
            }
        }

        /** Passes over bytes that nobody needs. */
        boolean more() {
            drop(end());
            return source.read(ByteBuffer.wrap(bytes)) >= 0 && passed();
        }

        private boolean passed() {
            start = source.position();
            return true;
        }

        private void read(int most) {
            int got = source.read(ByteBuffer.wrap(bytes, length, most));
            if (got < 0) {
                throw new IllegalStateException("The image ends at byte " + end() + " of the source");
            }
            length += got;
        }

        private void drop(long first) {
            int gone = (int) Math.min(length, Math.max(0, first - start));
            System.arraycopy(bytes, gone, bytes, 0, length - gone);
            start += gone;
            length -= gone;
        }
    }
}
