package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Flushes, and only then says what is durable: to the journal beside the disk, and to whoever else is to hear of it. */
public final class Durability {

    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final long BYTES = 32L << 20;

    private final ResumableTarget target;
    private final Ledger ledger;
    private final Optional<SourcePin> source;
    private final Consumer<ResumeMap> told;
    private long lastFlush = System.nanoTime();

    /**
     * @param source what the bytes come from; empty if no later attempt can build on them
     * @param told who is to hear of it, beside the target itself
     */
    public Durability(ResumableTarget target, Ledger ledger, Optional<SourcePin> source, Consumer<ResumeMap> told) {
        this.target = target;
        this.ledger = ledger;
        // Without validators a later attempt cannot recognize the source, so nothing is worth remembering.
        this.source = source.filter(SourcePin::canBeRecognized);
        this.told = told;
    }

    /** To be called often; flushes when there is enough to lose. */
    public synchronized void tick() {
        long bytes = ledger.unflushedBytes();
        boolean due = System.nanoTime() - lastFlush >= INTERVAL.toNanos();
        if (bytes >= BYTES || bytes > 0 && due) {
            checkpoint();
        }
    }

    /** Takes back what has been said of an earlier content of the target. */
    public void forgetEverything() {
        source.ifPresent(pin -> told.accept(new ResumeMap(pin, List.of())));
    }

    /** Flushes and reports now. */
    public synchronized void checkpoint() {
        Optional<ResumeMap> map = source.map(ledger::beginFlush);
        if (map.isEmpty()) {
            ledger.beginFlush();
        }
        target.flush();
        map.ifPresent(durable -> {
            target.remember(durable);
            told.accept(durable);
        });
        lastFlush = System.nanoTime();
    }
}
