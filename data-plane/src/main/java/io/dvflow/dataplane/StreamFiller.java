package io.dvflow.dataplane;

import io.dvflow.dataplane.copy.Amount.Pass;
import io.dvflow.dataplane.copy.DiskSink;
import io.dvflow.dataplane.copy.Durability;
import io.dvflow.dataplane.copy.Ledger;
import io.dvflow.dataplane.copy.ProgressMeter;
import io.dvflow.dataplane.copy.ReportedCopy;
import io.dvflow.dataplane.copy.StreamProgress;
import io.dvflow.dataplane.copy.StreamSink;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Timeline;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.ImageSource.Facts;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import java.util.Optional;
import java.util.function.Consumer;

/** Brings a stream onto a target, in order, and takes it up where an earlier attempt stood. */
final class StreamFiller {

    private static final int TRIES = 5;

    private final TransferSettings settings;
    private final Reporter reporter;
    private final Timeline timeline;
    private final StopSignal stop;
    private ProgressMeter meter;

    /** @param stop goes up when the work is to end or has failed */
    StreamFiller(TransferSettings settings, Reporter reporter, Timeline timeline, StopSignal stop) {
        this.settings = settings;
        this.reporter = reporter;
        this.timeline = timeline;
        this.stop = stop;
    }

    /** Copies the stream to a disk, whose end is filled up to a sector; as {@link #fill(ImageSource, StreamSink, Consumer, Pass)}. */
    long fill(ImageSource source, DiskTarget target, Consumer<ResumeMap> told, Pass pass) {
        return fill(source, new DiskSink(target, settings.marks()), told, pass);
    }

    /**
     * Brings the stream to its end.
     *
     * @param told who is to hear what is durable
     * @param pass which part of the work this is
     * @return bytes of the stream
     */
    long fill(ImageSource source, StreamSink sink, Consumer<ResumeMap> told, Pass pass) {
        Ledger ledger = new Ledger(
                sink.target().earlierWork().filter(map -> map.stream().isPresent()));
        for (int attempt = 1; ; attempt++) {
            try {
                return fillOnce(source, sink, told, pass, ledger);
            } catch (TransferFailure e) {
                if (!isWorthAnotherTry(e, source) || attempt == TRIES) {
                    throw e;
                }
                reporter.warning(
                        e.getMessage() + "; the server answers no ranges, so starting from the first byte again");
                stop.pause(settings.http().firstBackoff().multipliedBy(1L << attempt));
                // What can be recognized as the same source need not be unpacked and written again.
                ledger = source.facts().pin().canBeRecognized() ? ledger : new Ledger(Optional.empty());
            }
        }
    }

    /** Of the last {@link #fill}. */
    ProgressMeter meter() {
        return meter;
    }

    /** A source with ranges has ridden out by itself what can be ridden out. */
    private static boolean isWorthAnotherTry(RuntimeException e, ImageSource source) {
        return !source.ridesOutDrops()
                && e instanceof TransferFailure failure
                && failure.errorClass() == ErrorClass.TRANSIENT
                && failure.reason() != FailureReason.SOURCE_CHANGED;
    }

    private long fillOnce(ImageSource source, StreamSink sink, Consumer<ResumeMap> told, Pass pass, Ledger ledger) {
        Facts facts = source.facts();
        Durability durability = new Durability(sink.target(), ledger, Optional.of(facts.pin()), told);
        Optional<Mark> from = ledger.mark();
        StreamProgress progress = new StreamProgress(source, ledger, from, reporter);
        meter = new ProgressMeter(timeline, progress.as(pass), ledger, sink.target(), source::fetchedBytes, reporter);
        if (from.isEmpty()) {
            durability.forgetEverything();
            sink.startFresh(facts);
        }
        long[] length = new long[1];
        new ReportedCopy(meter, durability, stop)
                .run(() -> length[0] = copy(source, from, sink, ledger), progress::tick);
        return length[0];
    }

    private long copy(ImageSource source, Optional<Mark> from, StreamSink sink, Ledger ledger) {
        try (SequentialReader reader = source.inOrder(from.flatMap(sink::placeInStream))) {
            if (reader.position() > 0) {
                reporter.info(
                        "Resuming: the first " + reader.position() + " bytes are in place from an earlier attempt");
            }
            return copy(reader, source, from, sink, ledger);
        }
    }

    private long copy(
            SequentialReader reader, ImageSource source, Optional<Mark> from, StreamSink sink, Ledger ledger) {
        try {
            return sink.take(reader, from, ledger, stop);
        } catch (RuntimeException e) {
            if (e instanceof TransferFailure failure && failure.isMismatch()) {
                sink.target().discard();
            }
            if (!isWorthAnotherTry(e, source)) {
                // So that the reader's threads need not wait for bytes that nobody wants any more.
                stop.raise();
            }
            throw e;
        }
    }
}
