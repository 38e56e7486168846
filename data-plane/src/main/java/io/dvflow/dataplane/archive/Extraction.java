package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.archive.ArchiveMark.OpenFile;
import io.dvflow.dataplane.copy.Ledger;
import io.dvflow.dataplane.foreign.LinuxDirectory;
import io.dvflow.dataplane.foreign.LinuxFileWriter;
import io.dvflow.dataplane.foreign.LinuxStatus;
import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.dataplane.tar.TarReader;
import io.dvflow.dataplane.target.ResumeJournal;
import io.dvflow.dataplane.target.TargetTrouble;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** Unpacks one archive from a place on to its end, entry by entry. Belongs to one thread. */
final class Extraction {

    private static final String ARCHIVE = "the source";
    private static final String OF_THE_FILE_SYSTEM = "lost+found";
    private static final int BUFFER = 1 << 20;
    /** Permissions and the bit that keeps users from each other's files; never those that lend an identity. */
    private static final int KEPT_BITS = 01777;

    private final TreeTarget target;
    private final Reporter reporter;
    private final long betweenMarks;
    private final SequentialReader reader;
    private final Ledger ledger;
    private final Room room;
    private final Tree tree;
    private final StopSignal stop;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private Optional<TarEntry> at = Optional.empty();
    private long done;
    private long marked;
    private boolean spokeOfLostAndFound;

    Extraction(
            TreeTarget target,
            Reporter reporter,
            long betweenMarks,
            SequentialReader reader,
            Ledger ledger,
            Room room,
            Tree tree,
            StopSignal stop) {
        this.target = target;
        this.reporter = reporter;
        this.betweenMarks = betweenMarks;
        this.reader = reader;
        this.ledger = ledger;
        this.room = room;
        this.tree = tree;
        this.stop = stop;
    }

    /** @return bytes of the whole archive */
    long run(ArchiveMark from) {
        try {
            return unpackFrom(from);
        } catch (IOException e) {
            String doing = at.map(entry -> "unpack " + new EntryTrouble(entry).name() + " into")
                    .orElse("unpack the archive into");
            TransferFailure failure = TargetTrouble.of(doing, Path.of(target.directory()), e);
            throw failure.reason() == FailureReason.TOO_SMALL ? room.exhausted(failure) : failure;
        }
    }

    private long unpackFrom(ArchiveMark from) throws IOException {
        reader.skipTo(from.position());
        done = from.position();
        marked = from.position();
        Optional<OpenFile> halfWay = from.state().file();
        TarReader entries = halfWay.isPresent()
                ? TarReader.within(reader, halfWay.get().nextAt(), ARCHIVE)
                : new TarReader(reader, ARCHIVE);
        if (halfWay.isPresent()) {
            goOn(halfWay.get());
        }
        for (at = entries.next(); at.isPresent(); at = entries.next()) {
            stop.check();
            unpack(at.get());
            entryIsDone(at.get());
        }
        entries.readToEnd();
        tree.leaveAll();
        advance();
        target.holds(room.used());
        ledger.canBeTakenUpAt(mark(reader.position(), Optional.empty(), true).toMark());
        return reader.position();
    }

    private void unpack(TarEntry entry) throws IOException {
        EntryTrouble trouble = new EntryTrouble(entry);
        EntryPath path = EntryPath.of(entry.rawName(), "name", trouble);
        if (isPassedOver(entry, path, trouble)) {
            return;
        }
        room.take(entry);
        long before = tree.made();
        switch (entry.kind()) {
            case DIRECTORY ->
                room.giveBack(tree.makeDirectory(path, mode(entry, trouble), modified(entry, trouble), trouble));
            case FILE -> unpackFile(entry, path, trouble);
            case SYMBOLIC_LINK -> makeSymbolicLink(entry, path, trouble);
            case HARD_LINK -> makeHardLink(entry, path, trouble);
            case OTHER ->
                throw trouble.unsupported(kindInWords(entry.attributes().type()));
        }
        room.takeDirectories(tree.made() - before);
    }

    /** What says nothing about a file in the volume, or about one that is not the archive's to make. */
    private boolean isPassedOver(TarEntry entry, EntryPath path, EntryTrouble trouble) {
        if (entry.attributes().type() == 'V') {
            return true;
        }
        if (path.isRoot()) {
            if (entry.kind() != TarEntry.Kind.DIRECTORY) {
                throw trouble.hostile("has a name that names nothing in the volume");
            }
            return true;
        }
        String first = path.names().getFirst();
        if (first.equals(TreeTarget.STAGING) || first.startsWith(ResumeJournal.NAME)) {
            throw trouble.hostile("has a name that dvflow keeps for itself while it unpacks");
        }
        boolean passedOver = first.equals(OF_THE_FILE_SYSTEM);
        if (passedOver && !spokeOfLostAndFound) {
            spokeOfLostAndFound = true;
            reporter.info("The archive's " + OF_THE_FILE_SYSTEM
                    + " is left out: the volume's own belongs to its file system");
        }
        return passedOver;
    }

    private void unpackFile(TarEntry entry, EntryPath path, EntryTrouble trouble) throws IOException {
        if (entry.sparse()) {
            throw trouble.unsupported("is stored as a sparse file. Make the archive without --sparse");
        }
        int mode = mode(entry, trouble);
        Instant modified = modified(entry, trouble);
        LinuxDirectory here = tree.goTo(path.parents(), trouble);
        room.giveBack(Tree.free(here, path.name(), trouble));
        try (LinuxFileWriter file = here.create(path.name())) {
            long inode = here.status(path.name()).map(LinuxStatus::inode).orElse(0L);
            write(file, new OpenFile(path.name(), inode, mode, modified, entry.size(), entry.dataAt(), entry.endsAt()));
        }
    }

    private void goOn(OpenFile halfWay) throws IOException {
        LinuxDirectory here = tree.here();
        if (!TreeTarget.isStillThere(here, halfWay, reader.position())) {
            throw new IOException("The file that was being written is not there any more");
        }
        // It may have been finished since, and be read-only.
        here.setMode(halfWay.name(), 0600);
        try (LinuxFileWriter file = here.goOn(halfWay.name(), reader.position() - halfWay.dataAt())) {
            write(file, halfWay);
        }
    }

    /** Moves the rest of a file's content from the archive to the file. */
    private void write(LinuxFileWriter file, OpenFile content) throws IOException {
        long end = content.dataAt() + content.size();
        while (reader.position() < end) {
            buffer.clear().limit((int) Math.min(BUFFER, end - reader.position()));
            if (reader.read(buffer) < 0) {
                throw new TransferFailure(
                        FailureReason.CORRUPT_IMAGE,
                        "Unable to process data: the archive ends in the middle of "
                                + at.map(entry -> new EntryTrouble(entry).name())
                                        .orElse("a file")
                                + ", after " + reader.position() + " bytes. Is it cut short?");
            }
            buffer.flip();
            target.wrote(buffer.remaining());
            file.write(buffer);
            advance();
            stop.check();
            if (isMarkDue()) {
                markAt(reader.position(), Optional.of(content));
            }
        }
        file.setMode(content.mode());
        file.setModified(content.modified());
        file.close();
    }

    private void makeSymbolicLink(TarEntry entry, EntryPath path, EntryTrouble trouble) throws IOException {
        String leadsTo = entry.attributes().rawLink();
        if (leadsTo.isEmpty() || leadsTo.indexOf('\0') >= 0) {
            throw trouble.corrupt("is a symbolic link to nothing");
        }
        Instant modified = modified(entry, trouble);
        LinuxDirectory here = tree.goTo(path.parents(), trouble);
        room.giveBack(Tree.free(here, path.name(), trouble));
        here.makeSymbolicLink(path.name(), leadsTo);
        here.setModified(path.name(), modified);
    }

    private void makeHardLink(TarEntry entry, EntryPath path, EntryTrouble trouble) throws IOException {
        EntryPath other = EntryPath.of(entry.attributes().rawLink(), "link", trouble);
        if (other.isRoot()) {
            throw trouble.corrupt("is a hard link to nothing");
        }
        try (LinuxDirectory there = tree.find(other.parents()).orElseThrow(() -> noSuchFile(trouble))) {
            if (there.status(other.name()).filter(found -> !found.isDirectory()).isEmpty()) {
                throw noSuchFile(trouble);
            }
            if (!other.equals(path)) {
                LinuxDirectory here = tree.goTo(path.parents(), trouble);
                room.giveBack(Tree.free(here, path.name(), trouble));
                here.makeHardLink(path.name(), there, other.name());
            }
        }
    }

    private static TransferFailure noSuchFile(EntryTrouble trouble) {
        return trouble.hostile("is a hard link to '"
                + Shown.text(trouble.entry().attributes().rawLink())
                + "', which is no file that the archive has had before");
    }

    private static int mode(TarEntry entry, EntryTrouble trouble) {
        long mode = entry.attributes().mode();
        if (mode < 0) {
            throw trouble.corrupt("has a mode that is no number");
        }
        return (int) (mode & KEPT_BITS);
    }

    private static Instant modified(TarEntry entry, EntryTrouble trouble) {
        return entry.attributes().modified().orElseThrow(() -> trouble.corrupt("has a time that makes no sense"));
    }

    private static String kindInWords(char type) {
        String kind = switch (type) {
            case '3' -> "is a character device";
            case '4' -> "is a block device";
            case '6' -> "is a named pipe";
            case 'D' -> "is a list of files of an incremental backup";
            case 'M' -> "is the rest of a file that began in another archive";
            default -> "is of type '" + Shown.text(String.valueOf(type)) + "'";
        };
        return kind + "; files, directories and links are unpacked. Make the archive without it";
    }

    private void entryIsDone(TarEntry entry) {
        advance();
        if (isMarkDue()) {
            markAt(entry.endsAt(), Optional.empty());
        }
    }

    private void advance() {
        if (reader.position() > done) {
            ledger.written(done, reader.position() - done);
            done = reader.position();
        }
    }

    private boolean isMarkDue() {
        return reader.position() - marked >= betweenMarks;
    }

    private void markAt(long position, Optional<OpenFile> file) {
        ledger.canBeTakenUpAt(mark(position, file, false).toMark());
        marked = reader.position();
    }

    private ArchiveMark mark(long position, Optional<OpenFile> file, boolean whole) {
        return new ArchiveMark(
                position, new ArchiveMark.State(room.used(), tree.way(), file, whole), Optional.of(reader.mark()));
    }
}
