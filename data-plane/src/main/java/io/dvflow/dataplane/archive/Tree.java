package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.archive.ArchiveMark.Level;
import io.dvflow.dataplane.foreign.LinuxDirectory;
import io.dvflow.dataplane.foreign.LinuxStatus;
import io.dvflow.dataplane.report.Shown;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tree that an archive becomes, and the way down to the directory where the last entry was. Directories get their mode and
 * time when the way leaves them: before that they have to be writable, and everything that is made in them changes their
 * time. One that is come back to keeps what it had. So nothing has to be remembered of those that have been left.
 *
 * <p>Every step goes to one name in an open directory and follows no link. Belongs to one thread.
 */
final class Tree implements Closeable {

    private static final int USABLE = 0700;
    private static final int USUAL = 0755;

    private final LinuxDirectory root;
    private final List<Open> way = new ArrayList<>();
    private long made;

    private Tree(LinuxDirectory root) {
        this.root = root;
    }

    /** A directory on the way, and what it gets when the way leaves it. */
    private static final class Open {
        private final String name;
        private final LinuxDirectory directory;
        private int mode;
        private Optional<Instant> modified;

        Open(String name, LinuxDirectory directory, int mode, Optional<Instant> modified) {
            this.name = name;
            this.directory = directory;
            this.mode = mode;
            this.modified = modified;
        }
    }

    /**
     * @param root closed by whoever opened it
     * @param way to where an earlier attempt was
     */
    static Tree open(LinuxDirectory root, List<Level> way) throws IOException {
        Tree tree = new Tree(root);
        try {
            for (Level level : way) {
                LinuxStatus found = tree.here()
                        .status(level.name())
                        .filter(LinuxStatus::isDirectory)
                        .orElseThrow(() ->
                                new IOException("There is no directory " + Shown.text(level.name()) + " any more"));
                tree.go(level.name(), found.mode(), level.mode(), level.modified());
            }
            return tree;
        } catch (IOException e) {
            tree.close();
            throw e;
        }
    }

    /** The directory at the end of the way. */
    LinuxDirectory here() {
        return way.isEmpty() ? root : way.getLast().directory;
    }

    /** How many directories have been made, entries of their own or not. */
    long made() {
        return made;
    }

    /** As {@link #open} takes it. */
    List<Level> way() {
        return way.stream()
                .map(open -> new Level(open.name, open.mode, open.modified))
                .toList();
    }

    /** Goes to a directory, and makes what is missing of the way. */
    LinuxDirectory goTo(List<String> names, EntryTrouble trouble) throws IOException {
        int common = 0;
        while (common < Math.min(way.size(), names.size())
                && way.get(common).name.equals(names.get(common))) {
            common++;
        }
        leaveTo(common);
        for (String name : names.subList(common, names.size())) {
            enter(name, trouble);
        }
        return here();
    }

    /**
     * Goes to a directory that is an entry; what has its name and is none makes way.
     *
     * @return bytes that this gave back
     */
    long makeDirectory(EntryPath path, int mode, Instant modified, EntryTrouble trouble) throws IOException {
        long freed = 0;
        if (!isOnTheWay(path.names())) {
            LinuxDirectory parent = goTo(path.parents(), trouble);
            boolean taken = parent.status(path.name())
                    .filter(found -> !found.isDirectory())
                    .isPresent();
            freed = taken ? free(parent, path.name(), trouble) : 0;
        }
        goTo(path.names(), trouble);
        Open directory = way.get(path.names().size() - 1);
        directory.mode = mode;
        directory.modified = Optional.of(modified);
        return freed;
    }

    /**
     * Makes a name free, for what comes later in the archive.
     *
     * @return bytes that this gave back
     */
    static long free(LinuxDirectory directory, String name, EntryTrouble trouble) throws IOException {
        Optional<LinuxStatus> found = directory.status(name);
        if (found.isEmpty()) {
            return 0;
        }
        if (!found.get().isDirectory()) {
            directory.removeFile(name);
            return found.get().isFile() && found.get().links() == 1
                    ? found.get().size()
                    : 0;
        }
        if (!directory.removeDirectory(name)) {
            throw trouble.hostile("takes the place of a directory in which the archive has put something");
        }
        return 0;
    }

    /** A directory that is there already, without going to it; closed by the caller. Empty if it is none, or not there. */
    Optional<LinuxDirectory> find(List<String> names) throws IOException {
        LinuxDirectory at = root.enter(".");
        for (String name : names) {
            LinuxDirectory from = at;
            try (from) {
                if (from.status(name).filter(LinuxStatus::isDirectory).isEmpty()) {
                    return Optional.empty();
                }
                at = from.enter(name);
            }
        }
        return Optional.of(at);
    }

    /** Leaves all directories: they are as they should be. */
    void leaveAll() throws IOException {
        leaveTo(0);
    }

    @Override
    public void close() {
        while (!way.isEmpty()) {
            way.removeLast().directory.close();
        }
    }

    private boolean isOnTheWay(List<String> names) {
        return names.size() <= way.size()
                && names.equals(way.subList(0, names.size()).stream()
                        .map(open -> open.name)
                        .toList());
    }

    private void enter(String name, EntryTrouble trouble) throws IOException {
        if (here().makeDirectory(name)) {
            made++;
            go(name, USABLE, USUAL, Optional.empty());
            return;
        }
        LinuxStatus found = here().status(name)
                .filter(LinuxStatus::isDirectory)
                .orElseThrow(() -> trouble.hostile("lies below '" + Shown.text(name)
                        + "', which is a link or a file by an earlier entry; nothing is written through links"));
        go(name, found.mode(), found.mode(), Optional.of(found.modified()));
    }

    /**
     * @param now mode of the directory as it is
     * @param mode that it gets when it is left
     */
    private void go(String name, int now, int mode, Optional<Instant> modified) throws IOException {
        if ((now & USABLE) != USABLE) {
            here().setMode(name, now | USABLE);
        }
        way.add(new Open(name, here().enter(name), mode, modified));
    }

    private void leaveTo(int depth) throws IOException {
        while (way.size() > depth) {
            Open last = way.removeLast();
            try (LinuxDirectory directory = last.directory) {
                directory.setMode(last.mode);
                if (last.modified.isPresent()) {
                    directory.setModified(last.modified.get());
                }
            }
        }
    }
}
