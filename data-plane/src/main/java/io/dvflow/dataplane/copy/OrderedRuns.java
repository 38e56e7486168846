package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** What an image has stored, in the order of the source's bytes. */
final class OrderedRuns {

    /** So many are sorted in memory, some 20 MiB. Images as tools write them are in order, and may have any number. */
    static final int MOST_SORTED = 1 << 19;

    private final Supplier<Iterator<Run.Stored>> stored;

    private OrderedRuns(Supplier<Iterator<Run.Stored>> stored) {
        this.stored = stored;
    }

    /** Empty if runs of data share bytes of the source, or if there are too many to be sorted and they are not in order. */
    static Optional<OrderedRuns> of(DiskImage image) {
        boolean inOrder = true;
        List<Run.Stored> few = new ArrayList<>();
        long end = 0;
        for (Iterator<Run.Stored> runs = stored(image); runs.hasNext(); ) {
            Run.Stored run = runs.next();
            inOrder &= run.host() >= end;
            end = whereTheNextMayBegin(run);
            if (few.size() <= MOST_SORTED) {
                few.add(run);
            }
        }
        if (inOrder) {
            return Optional.of(new OrderedRuns(() -> stored(image)));
        }
        few.sort(Comparator.comparingLong(Run.Stored::host));
        return few.size() <= MOST_SORTED && areApart(few)
                ? Optional.of(new OrderedRuns(few::iterator))
                : Optional.empty();
    }

    Iterator<Run.Stored> iterator() {
        return stored.get();
    }

    private static boolean areApart(List<Run.Stored> sorted) {
        long end = 0;
        for (Run.Stored run : sorted) {
            if (run.host() < end) {
                return false;
            }
            end = whereTheNextMayBegin(run);
        }
        return true;
    }

    /** What is compressed ends somewhere in a sector that the next may begin in; it is taken as a whole. */
    private static long whereTheNextMayBegin(Run.Stored run) {
        return run instanceof Run.Data ? run.hostEnd() : run.host();
    }

    private static Iterator<Run.Stored> stored(DiskImage image) {
        Iterable<Run> runs = () -> image.runs((guest, length) -> false);
        return StreamSupport.stream(runs.spliterator(), false)
                .flatMap(run -> run instanceof Run.Stored stored ? Stream.of(stored) : Stream.empty())
                .iterator();
    }
}
