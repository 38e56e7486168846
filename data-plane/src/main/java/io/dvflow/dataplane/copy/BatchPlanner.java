package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.Run;
import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Turns the runs of an image into requests: what lies close together in the source is fetched together, in large
 * pieces, in nearly the order of the disk. Looks a bounded way ahead. Safe for use by many threads.
 */
final class BatchPlanner {

    /** Large enough that the round trip for a request does not show, small enough that workers stay close together. */
    static final long LARGEST_REQUEST = 16L << 20;

    private static final long LARGEST_CLUSTER_REQUEST = 1L << 20;
    /** Fetching this much for nothing is faster than asking again. */
    private static final long SMALL_GAP = 64 << 10;

    private static final long WINDOW_BYTES = 64L << 20;
    private static final int WINDOW_RUNS = 1024;

    private final Iterator<Run> runs;
    private final FinishedRanges finished;
    private final Deque<Batch> ready = new ArrayDeque<>();
    private Run current;
    private long position;

    BatchPlanner(Iterator<Run> runs, FinishedRanges finished) {
        this.runs = runs;
        this.finished = finished;
    }

    /** Empty when all work has been given out. */
    synchronized Optional<Batch> next() {
        if (ready.isEmpty()) {
            fillWindow();
        }
        return Optional.ofNullable(ready.poll());
    }

    private void fillWindow() {
        List<Run.Data> data = new ArrayList<>();
        List<Run.Compressed> compressed = new ArrayList<>();
        long bytes = 0;
        while (bytes < WINDOW_BYTES && data.size() + compressed.size() < WINDOW_RUNS) {
            Run piece = nextPiece();
            switch (piece) {
                case null -> bytes = WINDOW_BYTES;
                case Run.Zero zero -> {
                    ready.add(new Batch.Zeros(zero.guest(), zero.length()));
                    // So that zeros are reported and their workers started, however many follow.
                    bytes += SMALL_GAP;
                }
                case Run.Data run -> {
                    data.add(run);
                    bytes += run.length();
                }
                case Run.Compressed run -> {
                    compressed.add(run);
                    bytes += run.length();
                }
                case Run.Packed run -> {
                    ready.add(new Batch.Packed(run));
                    bytes += run.length();
                }
            }
        }
        groupData(data);
        groupCompressed(compressed);
    }

    /** The next stretch that is not finished yet, at most one request long; null at the end. */
    private Run nextPiece() {
        while (true) {
            if (current == null) {
                if (!runs.hasNext()) {
                    return null;
                }
                current = runs.next();
                position = current.guest();
            }
            ByteRange missing = finished.firstMissing(position, current.guestEnd() - position);
            if (missing == null) {
                current = null;
                continue;
            }
            Run piece = cut(current, missing);
            position = piece.guestEnd();
            if (position >= current.guestEnd()) {
                current = null;
            }
            return piece;
        }
    }

    private static Run cut(Run run, ByteRange missing) {
        return switch (run) {
            case Run.Zero zero -> new Run.Zero(missing.offset(), missing.length());
            case Run.Data data -> {
                // Pieces end at round offsets, so that writes stay aligned to them.
                long roundEnd = (missing.offset() / LARGEST_REQUEST + 1) * LARGEST_REQUEST;
                long end = Math.min(missing.end(), roundEnd);
                yield new Run.Data(
                        missing.offset(), end - missing.offset(), data.host() + missing.offset() - data.guest());
            }
            // A cluster is decompressed whole or not at all.
            case Run.Compressed compressed -> compressed;
            case Run.Packed packed -> packed;
        };
    }

    private void groupData(List<Run.Data> runs) {
        runs.sort(Comparator.comparingLong(Run.Data::host));
        List<Run.Data> group = new ArrayList<>();
        long end = 0;
        for (Run.Data run : runs) {
            boolean fits = !group.isEmpty()
                    && run.host() >= end
                    && run.host() - end <= SMALL_GAP
                    && run.host() + run.length() - group.getFirst().host() <= LARGEST_REQUEST;
            if (!fits && !group.isEmpty()) {
                ready.add(new Batch.Extents(group.getFirst().host(), end, group));
                group = new ArrayList<>();
            }
            group.add(run);
            end = run.host() + run.length();
        }
        if (!group.isEmpty()) {
            ready.add(new Batch.Extents(group.getFirst().host(), end, group));
        }
    }

    private void groupCompressed(List<Run.Compressed> runs) {
        runs.sort(Comparator.comparingLong(Run.Compressed::host));
        List<Run.Compressed> group = new ArrayList<>();
        long end = 0;
        for (Run.Compressed run : runs) {
            long runEnd = run.host() + run.hostLength();
            boolean fits = !group.isEmpty()
                    && run.host() - end <= SMALL_GAP
                    && runEnd - group.getFirst().host() <= LARGEST_CLUSTER_REQUEST;
            if (!fits && !group.isEmpty()) {
                addClusters(group, end);
                group = new ArrayList<>();
                end = 0;
            }
            group.add(run);
            end = Math.max(end, runEnd);
        }
        if (!group.isEmpty()) {
            addClusters(group, end);
        }
    }

    private void addClusters(List<Run.Compressed> group, long end) {
        long from = group.getFirst().host();
        List<Run.Compressed> inGuestOrder = new ArrayList<>(group);
        inGuestOrder.sort(Comparator.comparingLong(Run.Compressed::guest));
        ready.add(new Batch.Clusters(from, end, inGuestOrder));
    }
}
