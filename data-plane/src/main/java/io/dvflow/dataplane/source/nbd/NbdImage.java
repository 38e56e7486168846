package io.dvflow.dataplane.source.nbd;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.nbd.NbdConnection.Extent;
import io.dvflow.transfer.ResumeMap.ByteRange;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/** A disk, or the changed areas of one, whose layout is asked for as the copy gets there: memory does not grow with it. */
final class NbdImage implements DiskImage {

    /** Bytes whose layout is asked for at a time; an answer has 32 bits for them. */
    private static final int STEP = 1 << 30;

    /** Runs begin and end at multiples of this whatever the server says, so that they can be written directly. */
    private static final int BLOCK = 4096;

    private final NbdSource source;
    private final Optional<List<ByteRange>> changed;

    NbdImage(NbdSource source, Optional<List<ByteRange>> changed) {
        this.source = source;
        this.changed = changed;
    }

    @Override
    public String format() {
        return "raw";
    }

    @Override
    public long virtualSize() {
        return Math.ceilDiv(source.export().size(), SECTOR) * SECTOR;
    }

    @Override
    public long granularity() {
        return BLOCK;
    }

    @Override
    public List<ByteRange> unchanged() {
        if (changed.isEmpty()) {
            return List.of();
        }
        List<ByteRange> unchanged = new ArrayList<>();
        long at = 0;
        for (ByteRange area : areas()) {
            if (area.offset() > at) {
                unchanged.add(new ByteRange(at, area.offset() - at));
            }
            at = area.end();
        }
        if (at < virtualSize()) {
            unchanged.add(new ByteRange(at, virtualSize() - at));
        }
        return unchanged;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return new Runs(areas(), known);
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A raw disk has no compressed clusters");
    }

    /** In whole blocks: what lies beside a change reads as it did before. */
    private List<ByteRange> areas() {
        long size = source.export().size();
        List<ByteRange> areas = new ArrayList<>();
        long at = 0;
        for (ByteRange area : changed.orElse(List.of(new ByteRange(0, size)))) {
            long from = Math.max(at, area.offset() / BLOCK * BLOCK);
            long to = Math.min(size, Math.ceilDiv(area.end(), BLOCK) * BLOCK);
            if (from < to) {
                areas.add(new ByteRange(from, to - from));
                at = to;
            }
        }
        return areas;
    }

    /** Neighbours of one kind that come from different answers stay apart; nobody minds. */
    private final class Runs implements Iterator<Run> {
        private final Iterator<ByteRange> areas;
        private final Known known;
        private final NbdPatience patience = source.patience();
        private NbdConnection connection;
        private Iterator<Run> ready = List.<Run>of().iterator();
        private long at;
        private long end;

        Runs(List<ByteRange> areas, Known known) {
            this.areas = areas.iterator();
            this.known = known;
        }

        @Override
        public boolean hasNext() {
            while (!ready.hasNext() && (at < end || areas.hasNext())) {
                if (at == end) {
                    ByteRange area = areas.next();
                    at = area.offset();
                    end = area.end();
                }
                ready = nextRuns().iterator();
            }
            if (!ready.hasNext()) {
                disconnect();
            }
            return ready.hasNext();
        }

        @Override
        public Run next() {
            if (!hasNext()) {
                throw new NoSuchElementException("After the end of the disk");
            }
            return ready.next();
        }

        private List<Run> nextRuns() {
            int step = (int) Math.min(STEP, end - at);
            List<Run> runs;
            if (known.covers(at, step)) {
                runs = List.of(new Run.Zero(at, step));
            } else if (source.export().tellsAllocation()) {
                runs = ask(step);
            } else {
                runs = List.of(new Run.Data(at, step, at));
            }
            at = runs.getLast().guestEnd();
            return at == source.export().size() ? withPadding(runs) : runs;
        }

        private List<Run> ask(int step) {
            while (true) {
                try {
                    if (connection == null) {
                        connection = source.connect();
                    }
                    return inBlocks(connection.blockStatus(at, step));
                } catch (IOException e) {
                    disconnect();
                    patience.afterFailure(
                            "Unable to process data: asking what " + source.settings.shown() + " holds at byte " + at,
                            e,
                            source.endpoint);
                    source.endpoint.revive();
                }
            }
        }

        private List<Run> withPadding(List<Run> last) {
            if (at == virtualSize()) {
                return last;
            }
            List<Run> runs = new ArrayList<>(last);
            runs.add(new Run.Zero(at, virtualSize() - at));
            return runs;
        }

        /** Data grows to whole blocks, zeros shrink. */
        private List<Run> inBlocks(List<Extent> extents) {
            List<Run> runs = new ArrayList<>();
            long done = at;
            for (Extent extent : extents) {
                if (extent.isZero()) {
                    long from = Math.max(done, Math.ceilDiv(extent.offset(), BLOCK) * BLOCK);
                    long to = extent.end() == end ? end : extent.end() / BLOCK * BLOCK;
                    if (from < to) {
                        runs.add(new Run.Zero(from, to - from));
                        done = to;
                    }
                } else {
                    long to = Math.min(end, Math.ceilDiv(extent.end(), BLOCK) * BLOCK);
                    if (done < to) {
                        runs.add(new Run.Data(done, to - done, done));
                        done = to;
                    }
                }
            }
            if (runs.isEmpty()) {
                runs.add(new Run.Data(at, Math.min(BLOCK, end - at), at));
            }
            return runs;
        }

        private void disconnect() {
            if (connection != null) {
                source.disconnect(connection);
                connection = null;
            }
        }
    }
}
