package io.dvflow.dataplane.target;

import io.dvflow.dataplane.foreign.LinuxFile;
import io.dvflow.dataplane.foreign.LinuxFile.Zeroing;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget.DiskFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * A disk in a file, {@code disk.img} on the claim's file system. Sparse: what was never written takes no space and reads as
 * zeros. Or preallocated: then room is made for all of it before anything is written, and none of it is given back; where the
 * file system has no way to do so, zeros are written like data.
 */
public final class FileTarget implements DiskTarget {

    private static final int SHORTEST_HOLE = 16 << 10;

    private final Order order;
    private final Path disk;
    private final Reporter reporter;
    private final boolean aligned;
    private final ResumeJournal journal;
    private final long finishedSize;
    private Optional<ResumeJournal.Entry> earlier;
    private DiskWriter writer;
    private LinuxFile file;
    private boolean journalComplainedOf;
    /** Preallocated on a file system that cannot: what is not written has no place. */
    private boolean writesZeros;

    private FileTarget(Order order, boolean aligned, Reporter reporter, Optional<ResumeJournal.Entry> earlier)
            throws IOException {
        this.order = order;
        this.disk = order.disk();
        this.aligned = aligned;
        this.reporter = reporter;
        this.journal = new ResumeJournal(order.directory);
        this.earlier = earlier;
        if (earlier.isPresent()) {
            this.finishedSize = earlier.get().finishedSize();
            openDisk();
            preallocate();
        } else {
            // A leftover would make the free space come out too small.
            removeLeftovers();
            this.finishedSize = UsableSpace.finishedSize(order.requestedBytes, freeBytes(), order.overhead);
        }
    }

    /** What is to be where. */
    private record Order(
            String operationId,
            Path directory,
            String name,
            long requestedBytes,
            double overhead,
            boolean preallocated) {
        static Order of(TransferPlan plan, DiskFile target) {
            return new Order(
                    plan.operationId(),
                    Path.of(target.directory()),
                    DiskFile.NAME,
                    plan.requestedBytes(),
                    plan.filesystemOverhead(),
                    plan.preallocate());
        }

        Path disk() {
            return directory.resolve(name);
        }
    }

    /**
     * Looks at the volume. Earlier work on it is kept only if its journal is for this operation and this source.
     *
     * @param source empty if there is nothing to resume from
     * @param aligned whether all writes will be aligned, as direct I/O needs it
     */
    public static FileTarget open(
            TransferPlan plan, DiskFile target, Optional<SourcePin> source, boolean aligned, Reporter reporter) {
        return open(Order.of(plan, target), source, aligned, reporter);
    }

    /** A file of up to {@code most} bytes, which is not a disk but what one is to be made from. */
    public static FileTarget scratch(
            TransferPlan plan, Path directory, String name, long most, SourcePin source, Reporter reporter) {
        return open(
                new Order(plan.operationId(), directory, name, most, 0, false), Optional.of(source), true, reporter);
    }

    private static FileTarget open(Order order, Optional<SourcePin> source, boolean aligned, Reporter reporter) {
        try {
            Optional<ResumeJournal.Entry> earlier =
                    known(order, source).filter(entry -> Files.isRegularFile(order.disk(), LinkOption.NOFOLLOW_LINKS));
            return new FileTarget(order, aligned, reporter, earlier);
        } catch (IOException e) {
            throw TargetTrouble.of("prepare", order.directory, e);
        }
    }

    /**
     * Opens the file to change a disk that an earlier stage has made; all of it stays but for what is written.
     *
     * @throws TransferFailure if there is none
     */
    public static FileTarget openFinished(
            TransferPlan plan, DiskFile target, Optional<SourcePin> source, boolean aligned, Reporter reporter) {
        Order order = Order.of(plan, target);
        Path disk = order.disk();
        if (!Files.isRegularFile(disk, LinkOption.NOFOLLOW_LINKS)) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Unable to process data: there is no disk at " + disk + " to put the changes of this checkpoint"
                            + " onto. Its first checkpoint has to be copied before");
        }
        try {
            ResumeJournal.Entry nothing =
                    new ResumeJournal.Entry(plan.operationId(), plan.requestedBytes(), Files.size(disk), NOTHING_YET);
            ResumeJournal.Entry earlier = known(order, source).orElse(nothing);
            return new FileTarget(order, aligned, reporter, Optional.of(earlier));
        } catch (IOException e) {
            throw TargetTrouble.of("open", disk, e);
        }
    }

    private static Optional<ResumeJournal.Entry> known(Order order, Optional<SourcePin> source) throws IOException {
        return new ResumeJournal(order.directory)
                .read()
                .filter(entry -> entry.operationId().equals(order.operationId))
                .filter(entry -> entry.requestedBytes() == order.requestedBytes)
                .filter(entry ->
                        source.filter(entry.map().source()::sameContentAs).isPresent());
    }

    @Override
    public long limit() {
        return finishedSize;
    }

    @Override
    public long finishedSize() {
        return finishedSize;
    }

    @Override
    public Optional<ResumeMap> earlierWork() {
        return earlier.map(ResumeJournal.Entry::map);
    }

    @Override
    public void startFresh(long virtualSize) {
        attempt("create", () -> {
            close();
            removeLeftovers();
            earlier = Optional.empty();
            FileChannel.open(disk, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)
                    .close();
            Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rw-rw----"));
            setLength(virtualSize);
            openDisk();
        });
        preallocate();
    }

    @Override
    public void write(ByteBuffer data, long at) {
        attempt("write to", () -> writer.write(data, at));
    }

    @Override
    public void zero(long at, long length) {
        if (writesZeros) {
            attempt("write zeros to", () -> ZeroRange.of(writer, file()).zero(at, length));
        } else if (earlier.isPresent()) {
            Zeroing way = order.preallocated ? Zeroing.ZERO_RANGE : Zeroing.PUNCH_HOLE;
            attempt("zero a range of", () -> ZeroRange.of(writer, file(), way).zero(at, length));
        }
        // A fresh file reads as zeros wherever it was not written.
    }

    @Override
    public int shortestHole() {
        return SHORTEST_HOLE;
    }

    @Override
    public void flush() {
        attempt("flush", () -> writer.force());
    }

    @Override
    public void remember(ResumeMap durable) {
        try {
            journal.write(new ResumeJournal.Entry(order.operationId, order.requestedBytes, finishedSize, durable));
        } catch (IOException e) {
            // The disk may need the last free byte; without the newest entry the next attempt only repeats more.
            if (!journalComplainedOf) {
                journalComplainedOf = true;
                reporter.warning("Cannot write the resume journal in " + order.directory + ": " + e.getMessage());
            }
        }
    }

    @Override
    public void resize(long virtualSize) {
        attempt("resize", () -> setLength(finishedSize));
        if (writesZeros) {
            zero(virtualSize, finishedSize - virtualSize);
        }
    }

    /** Makes the file as long as a stream of which nobody knew the length, and whose last bytes were zeros that are not written. */
    public void extendTo(long length) {
        attempt("extend", () -> setLength(length));
    }

    @Override
    public void preallocate() {
        if (!order.preallocated || writesZeros) {
            return;
        }
        long free = freeBytes();
        try {
            writesZeros = !file().allocate(finishedSize);
        } catch (IOException e) {
            throw TargetTrouble.of("allocate", disk, e, () -> shortage(free));
        }
        if (writesZeros) {
            reporter.info("The file system of " + disk + " cannot allocate without writing; zeros are written instead");
        }
    }

    @Override
    public void finish() {
        attempt("sync", () -> {
            writer.forceAll();
            journal.delete();
            syncDirectory();
        });
    }

    @Override
    public void discard() {
        attempt("remove", () -> {
            close();
            removeLeftovers();
            syncDirectory();
        });
    }

    @Override
    public long writtenBytes() {
        return writer == null ? 0 : writer.writtenBytes();
    }

    @Override
    public void close() {
        attempt("close", () -> {
            if (writer != null) {
                writer.close();
            }
            if (file != null) {
                file.close();
                file = null;
            }
        });
    }

    private void openDisk() throws IOException {
        writer = DiskWriter.open(disk, aligned, reporter);
    }

    private synchronized LinuxFile file() throws IOException {
        if (file == null) {
            file = LinuxFile.open(disk);
        }
        return file;
    }

    private void removeLeftovers() throws IOException {
        // The journal first: without it nobody takes what is left of the disk for finished work.
        journal.delete();
        Files.deleteIfExists(disk);
    }

    private void setLength(long bytes) throws IOException {
        try (RandomAccessFile sized = new RandomAccessFile(disk.toFile(), "rw")) {
            if (sized.length() < bytes) {
                sized.setLength(bytes);
            }
        }
    }

    private void syncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(order.directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(String doing, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw TargetTrouble.of(doing, disk, e, () -> shortage(freeBytes()));
        }
    }

    private Optional<TargetTrouble.Shortage> shortage(long free) {
        return Optional.of(new TargetTrouble.Shortage(finishedSize, free));
    }

    private long freeBytes() {
        try {
            return Files.getFileStore(order.directory).getUsableSpace();
        } catch (IOException e) {
            throw TargetTrouble.of("look for free space in", order.directory, e);
        }
    }
}
