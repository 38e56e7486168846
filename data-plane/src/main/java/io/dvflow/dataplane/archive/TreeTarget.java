package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.archive.ArchiveMark.OpenFile;
import io.dvflow.dataplane.foreign.LinuxDirectory;
import io.dvflow.dataplane.foreign.LinuxStatus;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.dataplane.target.ResumeJournal;
import io.dvflow.dataplane.target.TargetTrouble;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The root of a claim's file system into which an archive is unpacked. Until all of it is there, and right, the tree lies in
 * a directory of its own: so nobody sees half of it, and what was unpacked can be taken back without touching anything
 * else.
 */
public final class TreeTarget implements ResumableTarget {

    static final String STAGING = ".dvflow-archive";

    private final TransferPlan plan;
    private final String directory;
    private final Reporter reporter;
    private final ResumeJournal journal;
    private final LinuxDirectory root;
    private Optional<ResumeMap> earlier;
    private Used used = Used.NOTHING;
    private final AtomicLong writtenBytes = new AtomicLong();
    private boolean journalComplainedOf;

    private TreeTarget(TransferPlan plan, String directory, Reporter reporter) throws IOException {
        this.plan = plan;
        this.directory = directory;
        this.reporter = reporter;
        this.journal = new ResumeJournal(Path.of(directory));
        this.root = LinuxDirectory.open(Path.of(directory));
        this.earlier = Optional.empty();
    }

    /**
     * Looks at the volume. Earlier work on it is kept only if its journal is for this operation and this source.
     *
     * @param source empty if there is nothing to resume from
     * @throws TransferFailure if the target is a device: nothing can be unpacked into that
     */
    public static TreeTarget open(TransferPlan plan, Optional<SourcePin> source, Reporter reporter) {
        if (!(plan.target() instanceof TransferTarget.DiskFile volume)) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Unable to process data: ContentType Archive cannot have block volumeMode: an archive is unpacked into a"
                            + " file system");
        }
        try {
            TreeTarget target = new TreeTarget(plan, volume.directory(), reporter);
            target.earlier = source.flatMap(target::known);
            return target;
        } catch (IOException e) {
            throw TargetTrouble.of("prepare", Path.of(volume.directory()), e);
        }
    }

    @Override
    public Optional<ResumeMap> earlierWork() {
        return earlier;
    }

    /** Whether all has been unpacked by an earlier attempt, and only has to be put in its place. */
    public boolean isWhole() {
        return earlier.flatMap(ResumeMap::stream)
                .flatMap(ArchiveMark::of)
                .filter(mark -> mark.state().whole())
                .isPresent();
    }

    /** Puts what has been unpacked in its place, makes it durable there, and removes what was only there for resuming. */
    public void finish() {
        attempt("put what was unpacked in its place in", () -> {
            if (root.status(STAGING).isPresent()) {
                try (LinuxDirectory staging = root.enter(STAGING)) {
                    Settlement.moveAll(staging, root);
                }
                Settlement.remove(STAGING, root);
            }
            root.syncFileSystem();
            journal.delete();
            root.syncFileSystem();
        });
    }

    @Override
    public void flush() {
        attempt("flush", root::syncFileSystem);
    }

    @Override
    public void remember(ResumeMap durable) {
        try {
            journal.write(new ResumeJournal.Entry(plan.operationId(), plan.requestedBytes(), 0, durable));
        } catch (IOException e) {
            // The archive may need the last free byte; without the newest entry the next attempt only repeats more.
            if (!journalComplainedOf) {
                journalComplainedOf = true;
                reporter.warning("Cannot write the resume journal in " + directory + ": " + e.getMessage());
            }
        }
    }

    @Override
    public void discard() {
        attempt("remove what was unpacked in", () -> {
            // The journal first: without it nobody takes what is left for finished work.
            journal.delete();
            Settlement.remove(STAGING, root);
            root.syncFileSystem();
        });
        earlier = Optional.empty();
        used = Used.NOTHING;
    }

    @Override
    public long writtenBytes() {
        return writtenBytes.get();
    }

    /** Bytes in the files that the archive has brought. */
    public long contentBytes() {
        return used.bytes();
    }

    @Override
    public void close() {
        root.close();
    }

    String directory() {
        return directory;
    }

    /**
     * Removes what was unpacked earlier, and makes room for an archive.
     *
     * @param atLeast bytes that it is known to hold
     */
    void startFresh(long atLeast) {
        discard();
        Room.check(atLeast, limit(Used.NOTHING));
        attempt("create a directory in", () -> root.makeDirectory(STAGING));
    }

    /** The tree as far as it has been unpacked; closed by the caller. */
    LinuxDirectory openTree() throws IOException {
        return root.enter(STAGING);
    }

    /** Bytes that may be unpacked in all. */
    long limit(Used soFar) {
        try {
            long free = Files.getFileStore(Path.of(directory)).getUsableSpace();
            return Math.min(plan.requestedBytes(), soFar.bytes() + free);
        } catch (IOException e) {
            throw TargetTrouble.of("look for room in", Path.of(directory), e);
        }
    }

    void wrote(int bytes) {
        writtenBytes.addAndGet(bytes);
    }

    void holds(Used all) {
        used = all;
    }

    /** Whether a file that was being written is the one that was left, up to a place in the archive. */
    static boolean isStillThere(LinuxDirectory in, OpenFile file, long position) throws IOException {
        return in.status(file.name())
                .filter(LinuxStatus::isFile)
                .filter(found -> found.inode() == file.inode() && found.size() >= position - file.dataAt())
                .isPresent();
    }

    private Optional<ResumeMap> known(SourcePin source) {
        try {
            Optional<ResumeJournal.Entry> entry = journal.read()
                    .filter(found -> found.operationId().equals(plan.operationId()))
                    .filter(found -> found.requestedBytes() == plan.requestedBytes());
            Optional<ArchiveMark> mark = entry.map(ResumeJournal.Entry::map)
                    .flatMap(ResumeMap::stream)
                    .flatMap(ArchiveMark::of);
            used = mark.map(found -> found.state().used()).orElse(Used.NOTHING);
            // What is whole is what the source was, whatever it is now.
            return entry.map(ResumeJournal.Entry::map)
                    .filter(map -> mark.filter(found -> found.state().whole()).isPresent()
                            || map.source().sameContentAs(source)
                                    && mark.filter(this::canBeTakenUp).isPresent());
        } catch (IOException e) {
            throw TargetTrouble.of("look at", Path.of(directory), e);
        }
    }

    private boolean canBeTakenUp(ArchiveMark mark) {
        try (LinuxDirectory staging = openTree();
                Tree tree = Tree.open(staging, mark.state().way())) {
            Optional<OpenFile> file = mark.state().file();
            return file.isEmpty() || isStillThere(tree.here(), file.get(), mark.position());
        } catch (IOException e) {
            reporter.info("What was unpacked earlier cannot be built upon: " + e.getMessage());
            return false;
        }
    }

    private interface Step {
        void run() throws IOException;
    }

    private void attempt(String doing, Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw TargetTrouble.of(doing, Path.of(directory), e);
        }
    }
}
