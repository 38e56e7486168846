package io.dvflow.dataplane;

import io.dvflow.dataplane.archive.ArchiveSink;
import io.dvflow.dataplane.archive.TreeTarget;
import io.dvflow.dataplane.checksum.HashedSource;
import io.dvflow.dataplane.copy.Amount;
import io.dvflow.dataplane.copy.Amount.Pass;
import io.dvflow.dataplane.copy.CopyEngine;
import io.dvflow.dataplane.copy.Durability;
import io.dvflow.dataplane.copy.HashPass;
import io.dvflow.dataplane.copy.Ledger;
import io.dvflow.dataplane.copy.OrderedCopy;
import io.dvflow.dataplane.copy.ProgressMeter;
import io.dvflow.dataplane.copy.ReportedCopy;
import io.dvflow.dataplane.copy.StreamCopy;
import io.dvflow.dataplane.copy.Ticker;
import io.dvflow.dataplane.copy.TooSmall;
import io.dvflow.dataplane.copy.Verification;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.RawImage;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Timeline;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.DiskSource;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.ImageSource.Facts;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.source.local.LocalFile;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.BlockTarget;
import io.dvflow.dataplane.target.DiskReader;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.dataplane.target.FileTarget;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;

/** Brings an image onto the target of a plan: room, copy, resize, allocate, sync. Or an archive, whose files have no size to be made. */
final class DiskFiller {

    /** Smaller runs could share a 4 KiB block, which direct writes of two workers must not. */
    private static final int DIRECT_GRANULARITY = DiskTarget.ALIGNMENT;

    /** CDI's words, as those that may follow. */
    private static final String COMPLETE = "Import Complete";

    private final TransferPlan plan;
    private final TransferSettings settings;
    private final Reporter reporter;
    private final StopSignal parent;
    private final boolean mayResume;
    private final StopSignal stop;
    private final Timeline timeline;
    private volatile ResumableTarget target;
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
            Ledger ledger = new Ledger(Optional.empty());
            Durability durability = new Durability(disk, ledger, Optional.empty(), reporter::durable);
            begin(image, disk, durability, Optional.empty());
            CopyRuns runs = (into, done) -> new CopyEngine(into, done, stop, 1).copy(image, 0, DiskFiller::noSource);
            copy(image, disk, ledger, durability, () -> 0, runs, Pass.ONLY);
            return finish(image, disk, Optional.empty(), () -> 0, runs);
        }
    }

    /**
     * Run by run, each straight to its place; what an earlier attempt has done is not done again.
     *
     * @param checked if the source has a checksum: it is read in order once, before anything is written
     */
    Complete fill(DiskImage image, ImageSource source, Optional<HashedSource> checked) {
        return fill(image, source, checked, checked.isPresent() ? Pass.SECOND_OF_TWO : Pass.ONLY);
    }

    private Complete fill(DiskImage image, ImageSource source, Optional<HashedSource> checked, Pass pass) {
        boolean aligned = image.granularity() % DIRECT_GRANULARITY == 0;
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = open(mayResume ? pin : Optional.empty(), aligned)) {
            TooSmall.check(image.virtualSize(), disk);
            Ledger ledger = new Ledger(disk.earlierWork());
            Durability durability = new Durability(disk, ledger, pin, reporter::durable);
            begin(image, disk, durability, disk.earlierWork());
            checked.ifPresent(hashed -> hash(hashed, image, disk, ledger, durability));
            CopyRuns runs = runs(image, source);
            copy(image, disk, ledger, durability, source::fetchedBytes, runs, pass);
            return finish(image, disk, pin, source::fetchedBytes, runs);
        }
    }

    /**
     * In the order of the source's bytes, with a checksum over every one of them.
     *
     * @param source by whose ranges the disk is read once more if it is to be compared
     * @param inOrder the same with its checksum
     */
    Complete fillInOrder(DiskImage image, ImageSource source, ImageSource inOrder, OrderedCopy copy) {
        boolean aligned = image.granularity() % DIRECT_GRANULARITY == 0;
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = open(mayResume ? pin : Optional.empty(), aligned)) {
            TooSmall.check(image.virtualSize(), disk);
            Optional<ResumeMap> earlier = disk.earlierWork()
                    .filter(map -> map.stream().filter(copy::canBeTakenUpAt).isPresent());
            Ledger ledger = new Ledger(earlier);
            Durability durability = new Durability(disk, ledger, pin, reporter::durable);
            begin(image, disk, durability, earlier);
            CopyRuns once = (into, done) -> {
                try (SequentialReader reader = inOrder.inOrder(done.mark())) {
                    copy.copy(reader, into, done);
                }
            };
            discardIfWrong(disk, () -> copy(image, disk, ledger, durability, inOrder::fetchedBytes, once, Pass.ONLY));
            return finish(image, disk, pin, source::fetchedBytes, runs(image, source));
        }
    }

    /**
     * Writes what a delta has over what an earlier stage has made of the disk. Its size was made then, too. If this ends
     * half-way the disk is neither the one nor the other, and becomes right when the same delta is written again.
     */
    Complete change(DiskImage delta, DiskSource source) {
        boolean aligned = delta.granularity() % DIRECT_GRANULARITY == 0;
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = openFinished(mayResume ? pin : Optional.empty(), aligned)) {
            TooSmall.check(delta.virtualSize(), disk);
            Ledger ledger = new Ledger(disk.earlierWork());
            ledger.unchanged(delta.unchanged());
            Durability durability = new Durability(disk, ledger, pin, reporter::durable);
            CopyRuns runs = runs(delta, source);
            copy(delta, disk, ledger, durability, source::fetchedBytes, runs, Pass.ONLY);
            return seal(delta, disk, pin, source::fetchedBytes, runs);
        }
    }

    /**
     * By way of scratch space, for what is read out of order but cannot be.
     *
     * @param leastSize what the disk is known not to be smaller than
     * @param image the image in a copy of the source, whose tables are read by the given reader
     */
    Complete fillFromScratch(ImageSource source, long leastSize, BiFunction<Facts, RangeReader, DiskImage> image) {
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = open(mayResume ? pin : Optional.empty(), true)) {
            TooSmall.check(leastSize, disk);
        }
        try (ScratchSpace scratch = ScratchSpace.open(plan, source, reporter)) {
            timeline.enter(TransferPhase.SCRATCH);
            try (LocalFile copy = scratch.fill(source, stream());
                    RangeReader tables = copy.ranges()) {
                Complete complete = fill(image.apply(copy.facts(), tables), copy, Optional.empty(), Pass.SECOND_OF_TWO);
                scratch.empty();
                return complete;
            }
        }
    }

    /** In the order of the bytes: without ranges, unpacked on the way, or with a checksum over every byte. */
    Complete fillInOrder(ImageSource source) {
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (DiskTarget disk = open(mayResume ? pin : Optional.empty(), true)) {
            TooSmall.check(new RawImage(source.facts().leastLength()).virtualSize(), disk);
            timeline.enter(TransferPhase.COPY);
            StreamFiller stream = stream();
            long length = stream.fill(source, disk, reporter::durable, Pass.ONLY);
            meter = stream.meter();
            return finish(new RawImage(length), disk, pin, source::fetchedBytes, (into, compared) -> {
                try (SequentialReader again = source.inOrder(Optional.empty())) {
                    new StreamCopy(into, compared, settings.marks(), stop).copy(again, into.limit());
                }
            });
        }
    }

    /** Unpacks the archive that a source holds, into the root of the target. */
    Complete unpack(ImageSource source) {
        Optional<SourcePin> pin = Optional.of(source.facts().pin());
        try (TreeTarget tree = TreeTarget.open(plan, mayResume ? pin : Optional.empty(), reporter)) {
            target = tree;
            timeline.enter(TransferPhase.COPY);
            if (!tree.isWhole()) {
                ArchiveSink sink = new ArchiveSink(tree, source.facts().leastLength(), settings.marks(), reporter);
                stream().fill(source, sink, reporter::durable, Pass.ONLY);
            }
            timeline.enter(TransferPhase.SYNC);
            tree.finish();
            return new Complete(
                    "Import Complete",
                    "tar",
                    tree.contentBytes(),
                    source.fetchedBytes(),
                    tree.writtenBytes(),
                    false,
                    timeline.timings());
        }
    }

    private void begin(DiskImage image, DiskTarget disk, Durability durability, Optional<ResumeMap> earlier) {
        if (earlier.isPresent()) {
            reporter.info("Resuming: "
                    + earlier.get().finishedBytes() + " of " + image.virtualSize()
                    + " bytes are in place from an earlier attempt");
        } else {
            durability.forgetEverything();
            disk.startFresh(image.virtualSize());
        }
    }

    private void hash(HashedSource source, DiskImage image, DiskTarget disk, Ledger ledger, Durability durability) {
        timeline.enter(TransferPhase.HASH);
        reporter.info("Reading the whole source once for its checksum before the disk is written");
        HashPass hashing = new HashPass(source, ledger, image.virtualSize(), settings.marks());
        meter = new ProgressMeter(
                timeline, hashing.as(Pass.FIRST_OF_TWO), ledger, disk, source::fetchedBytes, reporter);
        discardIfWrong(disk, () -> new ReportedCopy(meter, durability, stop).run(() -> hashing.run(stop)));
    }

    /** Nothing is left of a disk whose source is not what its checksum says. */
    private static void discardIfWrong(DiskTarget disk, Runnable reading) {
        try {
            reading.run();
        } catch (TransferFailure e) {
            if (e.isMismatch()) {
                disk.discard();
            }
            throw e;
        }
    }

    private void copy(
            DiskImage image,
            DiskTarget disk,
            Ledger ledger,
            Durability durability,
            LongSupplier fetched,
            CopyRuns runs,
            Pass pass) {
        timeline.enter(TransferPhase.COPY);
        Amount amount = Amount.of(image.virtualSize(), ledger).as(pass);
        meter = new ProgressMeter(timeline, amount, ledger, disk, fetched, reporter);
        new ReportedCopy(meter, durability, stop).run(() -> runs.into(disk, ledger));
    }

    /** Copies the source, as often as it is asked to: onto the disk, and once more to compare. */
    private interface CopyRuns {
        void into(DiskTarget target, Ledger ledger);
    }

    private CopyRuns runs(DiskImage image, ImageSource source) {
        int readers = Math.min(settings.connections(), source.mostReaders());
        long bytes = source.facts().length();
        return (into, ledger) -> new CopyEngine(into, ledger, stop, readers).copy(image, bytes, source::ranges);
    }

    private Complete finish(
            DiskImage image, DiskTarget disk, Optional<SourcePin> pin, LongSupplier fetched, CopyRuns again) {
        enter(TransferPhase.RESIZE);
        disk.resize(image.virtualSize());
        return seal(image, disk, pin, fetched, again);
    }

    private Complete seal(
            DiskImage image, DiskTarget disk, Optional<SourcePin> pin, LongSupplier fetched, CopyRuns again) {
        if (plan.preallocate()) {
            enter(TransferPhase.PREALLOCATE);
            disk.preallocate();
        }
        if (plan.verify()) {
            verify(image, disk, pin, fetched, again);
        }
        enter(TransferPhase.SYNC);
        disk.finish();
        return new Complete(
                plan.preallocate() ? COMPLETE + ", Preallocation applied" : COMPLETE,
                image.format(),
                disk.finishedSize(),
                fetched.getAsLong(),
                disk.writtenBytes(),
                plan.preallocate(),
                timeline.timings());
    }

    /** Before the disk is called finished, so that a pod that dies meanwhile need not write it again. */
    private void verify(
            DiskImage image, DiskTarget disk, Optional<SourcePin> pin, LongSupplier fetched, CopyRuns again) {
        disk.flush();
        timeline.enter(TransferPhase.VERIFY);
        Ledger compared = new Ledger(Optional.empty());
        meter = new ProgressMeter(
                timeline, Amount.of(image.virtualSize(), compared), compared, disk, fetched, reporter);
        meter.report();
        Ticker ticker = Ticker.start(stop, meter::tick);
        try (ticker;
                Verification verification = new Verification(disk, DiskReader.open(path(), reporter))) {
            again.into(verification, compared);
            verification.zero(image.virtualSize(), disk.finishedSize() - image.virtualSize());
            meter.report();
        } catch (TransferFailure e) {
            if (e.reason() == FailureReason.VERIFY_FAILED) {
                new Durability(disk, compared, pin, reporter::durable).forgetEverything();
                // What an earlier stage has made of the disk cannot be had again; the delta is written anew.
                if (image.unchanged().isEmpty()) {
                    disk.discard();
                }
            }
            throw e;
        }
    }

    private Path path() {
        return switch (plan.target()) {
            case TransferTarget.DiskFile file -> Path.of(file.directory(), TransferTarget.DiskFile.NAME);
            case TransferTarget.BlockDevice block -> Path.of(block.path());
        };
    }

    private StreamFiller stream() {
        return new StreamFiller(settings, reporter, timeline, stop);
    }

    private static RangeReader noSource() {
        throw new IllegalStateException("A blank disk has no source");
    }

    private void enter(TransferPhase phase) {
        timeline.enter(phase);
        meter.report();
    }

    private DiskTarget openFinished(Optional<SourcePin> resumable, boolean aligned) {
        return opened(
                switch (plan.target()) {
                    case TransferTarget.DiskFile file ->
                        FileTarget.openFinished(plan, file, resumable, aligned, reporter);
                    case TransferTarget.BlockDevice block ->
                        BlockTarget.openFinished(plan, block, resumable, aligned, reporter);
                });
    }

    private DiskTarget open(Optional<SourcePin> resumable, boolean aligned) {
        return opened(
                switch (plan.target()) {
                    case TransferTarget.DiskFile file -> FileTarget.open(plan, file, resumable, aligned, reporter);
                    case TransferTarget.BlockDevice block ->
                        BlockTarget.open(plan, block, resumable, aligned, reporter);
                });
    }

    private DiskTarget opened(DiskTarget disk) {
        target = disk;
        return disk;
    }
}
