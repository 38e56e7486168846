package io.dvflow.dataplane.image;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** Walks a map in guest order and joins neighbouring runs of one kind. */
public final class JoinedRuns implements Iterator<Run> {

    /** A run is work that one connection does and one failure repeats. */
    private static final long LONGEST_DATA_RUN = 1L << 30;

    private final long virtualSize;
    private final RunMap map;
    private long position;
    private Run pending;

    public JoinedRuns(long virtualSize, RunMap map) {
        this.virtualSize = virtualSize;
        this.map = map;
    }

    @Override
    public boolean hasNext() {
        return pending != null || position < virtualSize;
    }

    @Override
    public Run next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Run run = pending == null ? piece() : pending;
        pending = null;
        while (position < virtualSize) {
            Run following = piece();
            Run joined = join(run, following);
            if (joined == null) {
                pending = following;
                return run;
            }
            run = joined;
        }
        return run;
    }

    private Run piece() {
        Run piece = map.at(position);
        position = piece.guestEnd();
        return piece;
    }

    private static Run join(Run run, Run next) {
        if (run instanceof Run.Zero zero && next instanceof Run.Zero) {
            return new Run.Zero(zero.guest(), zero.length() + next.length());
        }
        if (run instanceof Run.Data data
                && next instanceof Run.Data more
                && data.host() + data.length() == more.host()
                && data.length() < LONGEST_DATA_RUN) {
            return new Run.Data(data.guest(), data.length() + more.length(), data.host());
        }
        return null;
    }
}
