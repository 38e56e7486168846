package io.dvflow.dataplane.target;

import io.dvflow.dataplane.foreign.LinuxFile;
import io.dvflow.dataplane.foreign.LinuxFile.Zeroing;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A block device, full of whatever was on it before: nothing on it is zero until this has made it so. */
public final class BlockTarget implements DiskTarget {

    /** Devices like few large requests; zeros shorter than this are written with the data around them. */
    private static final int SHORTEST_HOLE = 64 << 10;

    private static final long ZERO_STEP = 64L << 20;

    private final TransferPlan plan;
    private final Path device;
    private final DiskWriter writer;
    private final LinuxFile file;
    private final long size;
    private final ZeroRange zeros;
    private Optional<ResumeMap> earlier;

    private BlockTarget(TransferPlan plan, Path device, DiskWriter writer, LinuxFile file, Optional<ResumeMap> earlier)
            throws IOException {
        this.plan = plan;
        this.device = device;
        this.writer = writer;
        this.file = file;
        this.size = writer.size();
        // A thin volume gives a range its place when it is told to zero it and keep it.
        this.zeros = plan.preallocate()
                ? ZeroRange.of(writer, file, Zeroing.ZERO_RANGE, Zeroing.BLKZEROOUT)
                : ZeroRange.of(writer, file, Zeroing.PUNCH_HOLE, Zeroing.ZERO_RANGE, Zeroing.BLKZEROOUT);
        this.earlier = earlier;
    }

    /**
     * Opens the device; earlier work counts only if the worker knows of it and the source is still the same.
     *
     * @param source empty if there is nothing to resume from
     * @param aligned whether all writes will be aligned, as direct I/O needs it
     */
    public static BlockTarget open(
            TransferPlan plan, BlockDevice target, Optional<SourcePin> source, boolean aligned, Reporter reporter) {
        return upon(known(plan, source), plan, target, aligned, reporter);
    }

    /** Opens the device to change a disk that an earlier stage has put there; all of it stays but for what is written. */
    public static BlockTarget openFinished(
            TransferPlan plan, BlockDevice target, Optional<SourcePin> source, boolean aligned, Reporter reporter) {
        return upon(Optional.of(known(plan, source).orElse(NOTHING_YET)), plan, target, aligned, reporter);
    }

    private static BlockTarget upon(
            Optional<ResumeMap> earlier, TransferPlan plan, BlockDevice target, boolean aligned, Reporter reporter) {
        Path device = Path.of(target.path());
        if (!Files.exists(device) || Files.isRegularFile(device) || Files.isDirectory(device)) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Unable to process data: expected a block device at " + device);
        }
        try {
            DiskWriter writer = DiskWriter.open(device, aligned, reporter);
            try {
                return new BlockTarget(plan, device, writer, LinuxFile.open(device), earlier);
            } catch (IOException e) {
                writer.close();
                throw e;
            }
        } catch (IOException e) {
            throw TargetTrouble.of("open", device, e);
        }
    }

    private static Optional<ResumeMap> known(TransferPlan plan, Optional<SourcePin> source) {
        return plan.resumeFrom()
                .filter(map -> source.filter(map.source()::sameContentAs).isPresent());
    }

    @Override
    public long limit() {
        return Math.min(Math.ceilDiv(plan.requestedBytes(), 512) * 512, size);
    }

    @Override
    public long finishedSize() {
        return size;
    }

    @Override
    public Optional<ResumeMap> earlierWork() {
        return earlier;
    }

    @Override
    public void startFresh(long virtualSize) {
        earlier = Optional.empty();
    }

    @Override
    public void write(ByteBuffer data, long at) {
        attempt("write to", () -> writer.write(data, at));
    }

    @Override
    public void zero(long at, long length) {
        attempt("zero a range of", () -> {
            for (long done = 0; done < length; done += ZERO_STEP) {
                zeros.zero(at + done, Math.min(ZERO_STEP, length - done));
            }
        });
    }

    @Override
    public int shortestHole() {
        return SHORTEST_HOLE;
    }

    @Override
    public void flush() {
        attempt("flush", writer::force);
    }

    @Override
    public void remember(ResumeMap durable) {
        // There is no place beside a device; the worker keeps the map.
    }

    @Override
    public void resize(long virtualSize) {
        zero(virtualSize, size - virtualSize);
    }

    @Override
    public void preallocate() {
        // Every byte has been written or zeroed in place.
    }

    @Override
    public void finish() {
        attempt("sync", writer::forceAll);
    }

    @Override
    public void discard() {
        attempt("zero the beginning of", () -> {
            zeros.zero(0, Math.min(size, 1 << 20));
            writer.force();
        });
    }

    @Override
    public long writtenBytes() {
        return writer.writtenBytes();
    }

    @Override
    public void close() {
        attempt("close", () -> {
            writer.close();
            file.close();
        });
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(String doing, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw TargetTrouble.of(doing, device, e);
        }
    }
}
