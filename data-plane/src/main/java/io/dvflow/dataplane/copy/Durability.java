package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Flushes, and only then says what is durable: to the journal beside the disk, and to whoever else is to hear of it. */
public final class Durability {

    private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(2);
    /** More often than this, flushing and reporting would cost more than what can be lost in between is worth. */
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(250);

    private static final long BYTES = 32L << 20;

    private final ResumableTarget target;
    private final Ledger ledger;
    private final Optional<SourcePin> source;
    private final Consumer<ResumeMap> told;
    private final LongSupplier nanoTime;
    /** When the last one began: what was written since then may not be durable. */
    private long lastFlush;

    /**
     * @param source what the bytes come from; empty if no later attempt can build on them
     * @param told who is to hear of it, beside the target itself
     */
    public Durability(ResumableTarget target, Ledger ledger, Optional<SourcePin> source, Consumer<ResumeMap> told) {
        this(target, ledger, source, told, System::nanoTime);
    }

    Durability(
            ResumableTarget target,
            Ledger ledger,
            Optional<SourcePin> source,
            Consumer<ResumeMap> told,
            LongSupplier nanoTime) {
        this.target = target;
        this.ledger = ledger;
        // Without validators a later attempt cannot recognize the source, so nothing is worth remembering.
        this.source = source.filter(SourcePin::canBeRecognized);
        this.told = told;
        this.nanoTime = nanoTime;
        this.lastFlush = nanoTime.getAsLong();
    }

    /** To be called often; flushes when there is enough to lose. */
    public synchronized void tick() {
        long bytes = ledger.unflushedBytes();
        Duration interval = bytes >= BYTES ? SHORTEST_INTERVAL : LONGEST_INTERVAL;
        if (bytes > 0 && nanoTime.getAsLong() - lastFlush >= interval.toNanos()) {
            checkpoint();
        }
    }

    /** Takes back what has been said of an earlier content of the target. */
    public void forgetEverything() {
        source.ifPresent(pin -> told.accept(new ResumeMap(pin, List.of())));
    }

    /** Flushes and reports now. */
    public synchronized void checkpoint() {
        lastFlush = nanoTime.getAsLong();
        Optional<ResumeMap> map = source.map(ledger::beginFlush);
        if (map.isEmpty()) {
            ledger.beginFlush();
        }
        target.flush();
        map.ifPresent(durable -> {
            target.remember(durable);
            told.accept(durable);
        });
    }
}
