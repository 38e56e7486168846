package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.transfer.Mark;
import java.util.Optional;

/** How far a stream is whose length nobody knows yet, and how much of it an interruption would cost. */
public final class StreamProgress implements Amount {

    /** As much may be moved twice without a word. */
    private static final long WORTH_A_WORD = 64L << 20;

    private final ImageSource source;
    private final Ledger ledger;
    private final Reporter reporter;
    /** Of the source, before this attempt. */
    private final long startedAt;

    private final long fetchedBefore;
    private boolean said;

    /** @param from where the stream is taken up */
    public StreamProgress(ImageSource source, Ledger ledger, Optional<Mark> from, Reporter reporter) {
        this.source = source;
        this.ledger = ledger;
        this.reporter = reporter;
        this.startedAt = from.map(StreamProgress::placeInSource).orElse(0L);
        this.fetchedBefore = source.fetchedBytes();
    }

    /** While the length is unknown, what is done divided by the share of the source that has been fetched. */
    @Override
    public long size() {
        ImageSource.Facts facts = source.facts();
        if (facts.lengthKnown()) {
            return facts.length();
        }
        long packed = facts.pin().length();
        double share = packed <= 0 ? 0 : Math.min(1.0, (double) fetched() / packed);
        long estimate = share == 0 ? 0 : (long) (ledger.doneBytes() / share);
        return estimate == 0 ? 0 : Math.max(estimate, facts.leastLength());
    }

    @Override
    public long done() {
        return ledger.doneBytes();
    }

    /** To be called now and then; says once that an interruption would be dear, and how to make it cheap. */
    public void tick() {
        long marked = ledger.mark().map(StreamProgress::placeInSource).orElse(0L);
        if (said || fetched() - marked < WORTH_A_WORD) {
            return;
        }
        said = true;
        reporter.info(
                source.ridesOutDrops()
                        ? "The source can be taken up only where one of its blocks or frames begins, and none has for "
                                + (fetched() - marked) + " bytes: after an interruption these and what follows are"
                                + " fetched again. Packed with xz -T0 it would have shorter ones"
                        : "The server answers no range requests: after an interruption all bytes are fetched again, "
                                + fetched() + " so far");
    }

    private long fetched() {
        return startedAt + source.fetchedBytes() - fetchedBefore;
    }

    private static long placeInSource(Mark mark) {
        return mark.below().map(StreamProgress::placeInSource).orElse(mark.position());
    }
}
