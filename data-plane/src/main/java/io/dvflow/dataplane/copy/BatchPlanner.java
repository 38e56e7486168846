package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.Run;
import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
    /** Towards the end requests get as small as this: nobody should wait long for a slow connection with a large one. */
    private static final long SMALLEST_LAST_REQUEST = 4L << 20;

    private static final long LARGEST_CLUSTER_REQUEST = 1L << 20;
    /** Fetching this much for nothing is faster than asking again. */
    private static final long SMALL_GAP = 64 << 10;

    private static final long WINDOW_BYTES = 64L << 20;
    private static final int WINDOW_RUNS = 1024;
    /**
     * What workers have in hand leaves so many gaps that a report has no room for all the pieces between them; they must be
     * little of the disk, however far apart its data lies.
     */
    private static final int FEWEST_WINDOWS = 1024;

    private static final long SMALLEST_SPAN = 1L << 30;

    private final Iterator<Run> runs;
    private final FinishedRanges finished;
    private final Work work;
    /** Bytes of the source that are planned; what is fetched more than once counts as often. */
    private long planned;
    /** Bytes that a request may have by now. */
    private long longestRequest;

    private final Deque<Batch> ready = new ArrayDeque<>();
    private Run current;
    private long position;

    /**
     * How much there is to do at most, and for how many.
     *
     * @param diskBytes virtual size of the image
     * @param sourceBytes length of the source
     * @param workers who share what is planned
     */
    record Work(long diskBytes, long sourceBytes, int workers) {}

    BatchPlanner(Iterator<Run> runs, FinishedRanges finished, Work work) {
        this.runs = runs;
        this.finished = finished;
        this.work = work;
    }

    /** Empty when all work has been given out. */
    synchronized Optional<Batch> next() {
        if (ready.isEmpty()) {
            fillWindow();
        }
        return Optional.ofNullable(ready.poll());
    }

    private void fillWindow() {
        List<Run.Stored> window = new ArrayList<>();
        List<Run.Packed> blocks = new ArrayList<>();
        long bytes = 0;
        long from = -1;
        long span = 0;
        while (bytes < WINDOW_BYTES && window.size() + blocks.size() < WINDOW_RUNS && span < longestSpan()) {
            Run piece = nextPiece();
            if (piece != null) {
                from = from < 0 ? piece.guest() : from;
                span = piece.guestEnd() - from;
            }
            switch (piece) {
                case null -> bytes = WINDOW_BYTES;
                case Run.Zero zero -> {
                    ready.add(new Batch.Zeros(zero.guest(), zero.length()));
                    // So that zeros are reported and their workers started, however many follow.
                    bytes += SMALL_GAP;
                }
                case Run.Packed run -> {
                    blocks.add(run);
                    bytes += run.length();
                }
                case Run.Stored run -> {
                    planned += run.hostEnd() - run.host();
                    window.add(run);
                    bytes += run.length();
                }
            }
        }
        // Not Comparator.comparingLong: no AOT cache keeps its lambda, which takes as long to make as a megabyte to
        // copy.
        window.sort((one, other) -> Long.compare(one.host(), other.host()));
        group(window);
        groupBlocks(blocks);
    }

    /** Bytes of the disk, from where a window begins. */
    private long longestSpan() {
        return Math.max(SMALLEST_SPAN, work.diskBytes / FEWEST_WINDOWS);
    }

    /** Each worker should have two more to come; one alone waits for nobody. */
    private long longestRequestAt(long guest) {
        if (work.workers == 1) {
            return LARGEST_REQUEST;
        }
        long left = Math.min(work.sourceBytes - planned, work.diskBytes - guest);
        long share = Long.highestOneBit(Math.max(1, left / (2L * work.workers)));
        return Math.clamp(share, SMALLEST_LAST_REQUEST, LARGEST_REQUEST);
    }

    /** Small blocks in a row are one request; they lie in the source as they do on the disk. */
    private void groupBlocks(List<Run.Packed> blocks) {
        List<Run.Packed> group = new ArrayList<>();
        long end = 0;
        for (Run.Packed block : blocks) {
            boolean fits = !group.isEmpty()
                    && block.host() >= end
                    && block.host() - end <= SMALL_GAP
                    && block.hostEnd() - group.getFirst().host() <= LARGEST_CLUSTER_REQUEST;
            if (!fits && !group.isEmpty()) {
                ready.add(new Batch.Packed(group.getFirst().host(), end, group));
                group = new ArrayList<>();
            }
            group.add(block);
            end = block.hostEnd();
        }
        if (!group.isEmpty()) {
            ready.add(new Batch.Packed(group.getFirst().host(), end, group));
        }
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
            longestRequest = longestRequestAt(missing.offset());
            Run piece = cut(current, missing);
            position = piece.guestEnd();
            if (position >= current.guestEnd()) {
                current = null;
            }
            return piece;
        }
    }

    private Run cut(Run run, ByteRange missing) {
        return switch (run) {
            case Run.Zero zero -> new Run.Zero(missing.offset(), missing.length());
            case Run.Data data -> {
                // Pieces end at round offsets, so that writes stay aligned to them.
                long roundEnd = (missing.offset() / longestRequest + 1) * longestRequest;
                long end = Math.min(missing.end(), roundEnd);
                yield new Run.Data(
                        missing.offset(), end - missing.offset(), data.host() + missing.offset() - data.guest());
            }
            // A cluster is decompressed whole or not at all.
            case Run.Compressed compressed -> compressed;
            case Run.Packed packed -> packed;
        };
    }

    private void group(List<Run.Stored> inHostOrder) {
        Group group = null;
        for (Run.Stored run : inHostOrder) {
            if (group == null || !group.takes(run)) {
                if (group != null) {
                    ready.add(group.batch());
                }
                group = new Group(run);
            } else {
                group.add(run);
            }
        }
        if (group != null) {
            ready.add(group.batch());
        }
    }

    /** Runs that one request fetches. */
    private final class Group {
        private final List<Run.Stored> runs = new ArrayList<>();
        private final long from;
        private long end;
        /** Then it is held in memory, and its runs may overlap. */
        private boolean compressed;

        Group(Run.Stored first) {
            from = first.host();
            add(first);
        }

        void add(Run.Stored run) {
            runs.add(run);
            end = Math.max(end, run.hostEnd());
            compressed |= run instanceof Run.Compressed;
        }

        boolean takes(Run.Stored run) {
            long length = Math.max(end, run.hostEnd()) - from;
            boolean small = compressed || run instanceof Run.Compressed;
            // A little more than the longest: what lies between blocks should not part them.
            return run.host() - end <= SMALL_GAP
                    && (small
                            ? length <= LARGEST_CLUSTER_REQUEST
                            : length <= longestRequest + SMALL_GAP && run.host() >= end);
        }

        Batch batch() {
            if (compressed) {
                runs.sort((one, other) -> Long.compare(one.guest(), other.guest()));
                return new Batch.Clusters(from, end, runs);
            }
            return new Batch.Extents(
                    from, end, runs.stream().map(Run.Data.class::cast).toList());
        }
    }
}
