package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Timeline;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.TransferReport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/** Counts into reports. */
public final class ProgressMeter {

    private static final long INTERVAL_NANOS = 1_000_000_000L;
    private static final int SAMPLES = 6;

    private final Timeline timeline;
    private final Amount amount;
    private final Ledger ledger;
    private final ResumableTarget target;
    private final LongSupplier fetchedBytes;
    private final Reporter reporter;
    private final LongSupplier nanoTime;
    private final Deque<Sample> recent = new ArrayDeque<>();
    private long lastReport;

    /** @param amount what is to be done; the ledger only knows what needed no write */
    public ProgressMeter(
            Timeline timeline,
            Amount amount,
            Ledger ledger,
            ResumableTarget target,
            LongSupplier fetchedBytes,
            Reporter reporter) {
        this(timeline, amount, ledger, target, fetchedBytes, reporter, System::nanoTime);
    }

    ProgressMeter(
            Timeline timeline,
            Amount amount,
            Ledger ledger,
            ResumableTarget target,
            LongSupplier fetchedBytes,
            Reporter reporter,
            LongSupplier nanoTime) {
        this.timeline = timeline;
        this.amount = amount;
        this.ledger = ledger;
        this.target = target;
        this.fetchedBytes = fetchedBytes;
        this.reporter = reporter;
        this.nanoTime = nanoTime;
        this.lastReport = nanoTime.getAsLong();
    }

    private record Sample(long nanos, long fetched, long done) {}

    /** To be called often; reports about once a second. */
    public synchronized void tick() {
        if (nanoTime.getAsLong() - lastReport >= INTERVAL_NANOS) {
            report();
        }
    }

    public synchronized void report() {
        lastReport = nanoTime.getAsLong();
        long size = amount.size();
        Sample now = new Sample(lastReport, fetchedBytes.getAsLong(), amount.done());
        Sample then = recent.isEmpty() ? now : recent.peekFirst();
        recent.addLast(now);
        if (recent.size() > SAMPLES) {
            recent.removeFirst();
        }
        double seconds = (now.nanos - then.nanos) / 1e9;
        long perSecond = seconds > 0 ? (long) ((now.fetched - then.fetched) / seconds) : 0;
        double donePerSecond = seconds > 0 ? (now.done - then.done) / seconds : 0;
        // An unknown size is 0, and one that is estimated may be less than what is done already.
        boolean known = donePerSecond > 0 && size > 0 && size >= now.done;
        long remaining = known ? (long) ((size - now.done) / donePerSecond) : -1;
        reporter.report(new TransferReport.Progress(
                timeline.phase(),
                size,
                now.done,
                now.fetched,
                target.writtenBytes(),
                ledger.skippedBytes(),
                perSecond,
                remaining));
    }
}
