package io.dvflow.dataplane;

import io.dvflow.dataplane.copy.Amount.Pass;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.ImageSource.Facts;
import io.dvflow.dataplane.source.local.LocalFile;
import io.dvflow.dataplane.target.FileTarget;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferPlan;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A copy of a source that is read out of order but cannot be, unpacked if it was packed. Filled in order, with a journal
 * beside it: what an earlier attempt has brought here is not fetched again, all of it least of all.
 */
final class ScratchSpace implements Closeable {

    /** As CDI calls it. */
    private static final String NAME = "tmpimage";

    private static final String KIND = "kind";
    private static final String WHOLE = "whole";

    private final Path directory;
    private final FileTarget file;
    private final long most;
    private final Reporter reporter;

    private ScratchSpace(Path directory, FileTarget file, long most, Reporter reporter) {
        this.directory = directory;
        this.file = file;
        this.most = most;
        this.reporter = reporter;
    }

    /** @throws TransferFailure with the room that is needed, unless the plan has scratch space */
    static ScratchSpace open(TransferPlan plan, ImageSource source, Reporter reporter) {
        if (plan.scratchDirectory().isEmpty()) {
            throw required(plan, source);
        }
        Path directory = Path.of(plan.scratchDirectory().get());
        long most = mostThatMakesSense(plan);
        FileTarget file =
                FileTarget.scratch(plan, directory, NAME, most, source.facts().pin(), reporter);
        return new ScratchSpace(directory, file, most, reporter);
    }

    /** The copy, once it is whole. */
    LocalFile fill(ImageSource source, StreamFiller stream) {
        Facts facts = source.facts();
        long length = file.earlierWork()
                .flatMap(ResumeMap::stream)
                .filter(ScratchSpace::isWhole)
                .map(Mark::position)
                .orElseGet(() -> copy(source, stream));
        return LocalFile.open(directory.resolve(NAME), facts.pin(), length, source::fetchedBytes);
    }

    /** Gives the room back. */
    void empty() {
        file.discard();
    }

    @Override
    public void close() {
        file.close();
    }

    private long copy(ImageSource source, StreamFiller stream) {
        reporter.info("Keeping the source in scratch space, as its image is not read in the order of its bytes");
        try {
            // The worker has no use for what is durable here: the next attempt asks the journal.
            long length = stream.fill(source, file, durable -> {}, Pass.FIRST_OF_TWO);
            file.extendTo(length);
            Mark whole = new Mark(length, Map.of(KIND, WHOLE), Optional.empty());
            file.remember(new ResumeMap(source.facts().pin(), List.of(), Optional.of(whole)));
            return length;
        } catch (TransferFailure e) {
            throw e.reason() == FailureReason.TOO_SMALL ? tooSmall(e) : e;
        }
    }

    private static boolean isWhole(Mark mark) {
        return WHOLE.equals(mark.state().get(KIND));
    }

    private static TransferFailure required(TransferPlan plan, ImageSource source) {
        Facts facts = source.facts();
        boolean known = facts.lengthKnown();
        long bytes = known ? facts.length() : Math.max(usualImage(plan), facts.leastLength());
        if (bytes > mostThatMakesSense(plan)) {
            return tooLarge(bytes + " bytes", plan.requestedBytes());
        }
        return TransferFailure.scratchRequired(
                "Scratch space required and none found: the image inside "
                        + facts.pin().url()
                        + " is not read in the order of its bytes, and the source can only be: it is packed, or its server"
                        + " answers no range requests. "
                        + (known
                                ? "It takes " + bytes + " bytes"
                                : "Nothing says how much it takes; " + bytes
                                        + " bytes are what a disk of the requested size can take at most"),
                bytes);
    }

    /** An image file may be larger than its disk: tables, and what is written at the end of a stream at once. */
    private static long usualImage(TransferPlan plan) {
        long disk = Math.min(plan.requestedBytes(), Long.MAX_VALUE / 8);
        return disk + disk / 16 + (64L << 20);
    }

    /** With old snapshots inside it may be larger still, but it is not for the source to have claims of any size made. */
    private static long mostThatMakesSense(TransferPlan plan) {
        return 4 * usualImage(plan);
    }

    private TransferFailure tooSmall(TransferFailure e) {
        if (file.limit() >= most) {
            return tooLarge("more than " + most + " bytes", most / 4);
        }
        long twice = Math.min(most, 2 * Math.max(file.limit(), 1L << 20));
        return TransferFailure.scratchRequired(
                "Scratch space is too small: the source takes more than the " + file.limit() + " bytes of " + directory
                        + " (" + e.getMessage() + "); trying with " + twice,
                twice);
    }

    private static TransferFailure tooLarge(String what, long disk) {
        return new TransferFailure(
                FailureReason.TOO_SMALL,
                "Unable to process data: DataVolume too small to contain image: the image file takes " + what
                        + ", four times as much as a disk of about " + disk
                        + " bytes can. A larger PVC is required, or an"
                        + " image without snapshots");
    }
}
