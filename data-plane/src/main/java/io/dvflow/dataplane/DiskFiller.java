package io.dvflow.dataplane;

import io.dvflow.dataplane.copy.CopyEngine;
import io.dvflow.dataplane.copy.Durability;
import io.dvflow.dataplane.copy.Ledger;
import io.dvflow.dataplane.copy.ProgressMeter;
import io.dvflow.dataplane.copy.StreamCopy;
import io.dvflow.dataplane.copy.StreamProgress;
import io.dvflow.dataplane.copy.Ticker;
import io.dvflow.dataplane.copy.TooSmall;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.RawImage;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Timeline;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.ImageSource.Facts;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.BlockTarget;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.dataplane.target.FileTarget;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Brings an image onto the target of a plan: room, copy, resize, allocate, sync. */
final class DiskFiller {

    private static final int STREAM_TRIES = 5;
    /** Smaller runs could share a 4 KiB block, which direct writes of two workers must not. */
    private static final int DIRECT_GRANULARITY = DiskTarget.ALIGNMENT;

    private final TransferPlan plan;
    private final TransferSettings settings;
    private final Reporter reporter;
    private final StopSignal parent;
    private final boolean mayResume;
    private final StopSignal stop;
    private final Timeline timeline;
    private volatile DiskTarget target;
    private ProgressMeter meter;

    DiskFiller(TransferPlan plan, TransferSettings settings, Reporter reporter, StopSignal stop) {
        this(plan, settings, reporter, stop, true);
    }

    private DiskFiller(
            TransferPlan plan, TransferSettings settings, Reporter reporter, StopSignal parent, boolean mayResume) {
        this.plan = plan;
        this.settings = settings;
        this.reporter = reporter;
        this.parent = parent;
        this.mayResume = mayResume;
        this.stop = parent.child();
        this.timeline = new Timeline(Clock.systemUTC(), () -> target == null ? 0 : target.writtenBytes());
    }

    /** For another source: nothing that has been done counts. */
    DiskFiller anew() {
        return new DiskFiller(plan, settings, reporter, parent, false);
    }

    /** Goes up when the work is to end or has failed. */
    StopSignal stop() {
        return stop;
    }

    List<PhaseTiming> timings() {
        return timeline.timings();
    }

    /** @param ofSize the blank image for a disk as large as the target takes */
    Complete fillBlank(LongFunction<DiskImage> ofSize) {
        try (DiskTarget disk = open(Optional.empty(), true)) {
            DiskImage image = ofSize.apply(disk.limit());
            copy(image, disk, Optional.empty(), () -> 0, () -> {
                throw new IllegalStateException("A blank disk has no source");
            });
            return finish(image, disk, 0);
        }
    }

    /** Run by run, each straight to its place; what an earlier attempt has done is not done again. */
    Complete fill(DiskImage image, ImageSource source) {
        boolean aligned = image.granularity() % DIRECT_GRANULARITY == 0;
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = open(mayResume ? pin : Optional.empty(), aligned)) {
            TooSmall.check(image.virtualSize(), disk);
            copy(image, disk, pin, source::fetchedBytes, source::ranges);
            return finish(image, disk, source.fetchedBytes());
        }
    }

    /** In the order of the bytes: without ranges, unpacked on the way, or with a checksum over every byte. */
    Complete fillInOrder(ImageSource source) {
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = open(mayResume ? pin : Optional.empty(), true)) {
            TooSmall.check(new RawImage(source.facts().leastLength()).virtualSize(), disk);
            timeline.enter(TransferPhase.COPY);
            DiskImage image = streamUntilItHolds(source, disk);
            return finish(image, disk, source.fetchedBytes());
        }
    }

    private void copy(
            DiskImage image,
            DiskTarget disk,
            Optional<SourcePin> pin,
            LongSupplier fetched,
            Supplier<RangeReader> readers) {
        timeline.enter(TransferPhase.COPY);
        Ledger ledger = new Ledger(disk.earlierWork().map(ResumeMap::finished).orElse(List.of()));
        Durability durability = new Durability(disk, ledger, pin, reporter);
        meter = new ProgressMeter(timeline, image::virtualSize, ledger, disk, fetched, reporter);
        if (disk.earlierWork().isPresent()) {
            reporter.info("Resuming: " + ledger.doneBytes() + " of " + image.virtualSize()
                    + " bytes are in place from an earlier attempt");
        } else {
            durability.forgetEverything();
            disk.startFresh(image.virtualSize());
        }
        withReports(durability, () -> new CopyEngine(disk, ledger, stop, settings.connections()).copy(image, readers));
    }

    private DiskImage streamUntilItHolds(ImageSource source, DiskTarget disk) {
        for (int attempt = 1; ; attempt++) {
            try {
                return stream(source, disk);
            } catch (TransferFailure e) {
                if (!isWorthAnotherTry(e, source) || attempt == STREAM_TRIES) {
                    throw e;
                }
                reporter.warning(
                        e.getMessage() + "; the server answers no ranges, so starting from the first byte again");
                parent.pause(settings.http().firstBackoff().multipliedBy(1L << attempt));
            }
        }
    }

    /** A source with ranges has ridden out by itself what can be ridden out. */
    private static boolean isWorthAnotherTry(RuntimeException e, ImageSource source) {
        return !source.ridesOutDrops()
                && e instanceof TransferFailure failure
                && failure.errorClass() == ErrorClass.TRANSIENT
                && failure.reason() != FailureReason.SOURCE_CHANGED;
    }

    private DiskImage stream(ImageSource source, DiskTarget disk) {
        Facts facts = source.facts();
        Optional<ResumeMap> earlier = disk.earlierWork();
        Ledger ledger = new Ledger(earlier.map(ResumeMap::finished).orElse(List.of()));
        Durability durability = new Durability(disk, ledger, Optional.of(facts.pin()), reporter);
        StreamProgress progress = new StreamProgress(source, ledger, earlier.flatMap(ResumeMap::stream), reporter);
        meter = new ProgressMeter(timeline, progress::virtualBytes, ledger, disk, source::fetchedBytes, reporter);
        if (earlier.flatMap(ResumeMap::stream).isEmpty()) {
            durability.forgetEverything();
            disk.startFresh(new RawImage(Math.max(0, facts.length())).virtualSize());
        }
        long[] length = new long[1];
        withReports(durability, progress::tick, () -> length[0] = streamBytes(source, disk, ledger));
        RawImage image = new RawImage(length[0]);
        disk.zero(length[0], image.virtualSize() - length[0]);
        return image;
    }

    private long streamBytes(ImageSource source, DiskTarget disk, Ledger ledger) {
        Optional<Mark> from = disk.earlierWork().flatMap(ResumeMap::stream);
        try (SequentialReader reader = source.inOrder(from)) {
            if (reader.position() > 0) {
                reporter.info(
                        "Resuming: the first " + reader.position() + " bytes are in place from an earlier attempt");
            }
            return copyInOrder(reader, source, disk, ledger);
        }
    }

    private long copyInOrder(SequentialReader reader, ImageSource source, DiskTarget disk, Ledger ledger) {
        try {
            return new StreamCopy(disk, ledger).copy(reader, disk.limit());
        } catch (RuntimeException e) {
            if (isMismatch(e)) {
                disk.discard();
            }
            if (!isWorthAnotherTry(e, source)) {
                // So that the reader's threads need not wait for bytes that nobody wants any more.
                stop.raise();
            }
            throw e;
        }
    }

    private static boolean isMismatch(RuntimeException e) {
        return e instanceof TransferFailure failure
                && (failure.reason() == FailureReason.CHECKSUM_MISMATCH
                        || failure.reason() == FailureReason.DIGEST_MISMATCH);
    }

    private void withReports(Durability durability, Runnable work) {
        withReports(durability, () -> {}, work);
    }

    private void withReports(Durability durability, Runnable tick, Runnable work) {
        meter.report();
        Ticker ticker = Ticker.start(stop, () -> {
            meter.tick();
            durability.tick();
            tick.run();
        });
        try (ticker) {
            work.run();
        } catch (RuntimeException e) {
            RuntimeException cause = ticker.cause(e);
            if (isMismatch(cause)) {
                // What has been written is wrong, and the digest that a mark goes on from is that of wrong bytes.
                durability.forgetEverything();
            } else {
                saveWhatIsDone(durability, cause);
            }
            throw cause;
        }
        durability.checkpoint();
        meter.report();
    }

    private static void saveWhatIsDone(Durability durability, RuntimeException cause) {
        try {
            durability.checkpoint();
        } catch (TransferFailure e) {
            // What stopped the copy is the news; that the last part of it is not durable follows from it.
            cause.addSuppressed(e);
        }
    }

    private Complete finish(DiskImage image, DiskTarget disk, long fetchedBytes) {
        enter(TransferPhase.RESIZE);
        disk.resize(image.virtualSize());
        if (plan.preallocate()) {
            enter(TransferPhase.PREALLOCATE);
            disk.preallocate();
        }
        enter(TransferPhase.SYNC);
        disk.finish();
        return new Complete(
                "Import Complete",
                image.format(),
                disk.finishedSize(),
                fetchedBytes,
                disk.writtenBytes(),
                plan.preallocate(),
                timeline.timings());
    }

    private void enter(TransferPhase phase) {
        timeline.enter(phase);
        meter.report();
    }

    private DiskTarget open(Optional<SourcePin> resumable, boolean aligned) {
        target = switch (plan.target()) {
            case TransferTarget.DiskFile file -> FileTarget.open(plan, file, resumable, aligned, reporter);
            case TransferTarget.BlockDevice block -> BlockTarget.open(plan, block, resumable, aligned, reporter);
        };
        return target;
    }
}
