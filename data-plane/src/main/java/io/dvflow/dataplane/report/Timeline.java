package io.dvflow.dataplane.report;

import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.TransferPhase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** When each phase began, how long it took and how many bytes it wrote. Safe for use by many threads. */
public final class Timeline {

    private final Clock clock;
    private final LongSupplier writtenBytes;
    private final List<PhaseTiming> finished = new ArrayList<>();
    private TransferPhase phase = TransferPhase.PROBE;
    private Instant startedAt;
    private long writtenBefore;

    /** Starts with {@link TransferPhase#PROBE}. */
    public Timeline(Clock clock, LongSupplier writtenBytes) {
        this.clock = clock;
        this.writtenBytes = writtenBytes;
        this.startedAt = clock.instant();
    }

    public synchronized TransferPhase phase() {
        return phase;
    }

    public synchronized void enter(TransferPhase next) {
        finished.add(current());
        phase = next;
        startedAt = clock.instant();
        writtenBefore = writtenBytes.getAsLong();
    }

    /** The finished phases, and the running one as far as it got. */
    public synchronized List<PhaseTiming> timings() {
        List<PhaseTiming> all = new ArrayList<>(finished);
        all.add(current());
        return all;
    }

    private PhaseTiming current() {
        return new PhaseTiming(
                phase,
                startedAt,
                Duration.between(startedAt, clock.instant()).toMillis(),
                writtenBytes.getAsLong() - writtenBefore);
    }
}
