package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.foreign.LinuxDirectory;
import io.dvflow.dataplane.foreign.LinuxStatus;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Puts a finished tree where its user looks for it, beside what is there. Files of the same name are replaced, directories of
 * the same name become one. It can be done again from any point on.
 */
final class Settlement {

    private static final int AT_ONCE = 1000;
    private static final int USABLE = 0700;

    private Settlement() {}

    static void moveAll(LinuxDirectory from, LinuxDirectory to) throws IOException {
        for (List<String> names = from.names(AT_ONCE); !names.isEmpty(); names = from.names(AT_ONCE)) {
            for (String name : names) {
                move(name, from, to);
            }
        }
    }

    /** Removes a directory with all that is in it, or a file; nothing if there is neither. */
    static void remove(String name, LinuxDirectory from) throws IOException {
        Optional<LinuxStatus> found = from.status(name);
        if (found.isEmpty()) {
            return;
        }
        if (!found.get().isDirectory()) {
            from.removeFile(name);
            return;
        }
        makeUsable(name, found.get(), from);
        try (LinuxDirectory directory = from.enter(name)) {
            for (List<String> names = directory.names(AT_ONCE); !names.isEmpty(); names = directory.names(AT_ONCE)) {
                for (String each : names) {
                    remove(each, directory);
                }
            }
        }
        if (!from.removeDirectory(name)) {
            throw new IOException("Cannot empty directory " + Shown.text(name));
        }
    }

    private static void move(String name, LinuxDirectory from, LinuxDirectory to) throws IOException {
        LinuxStatus moved = from.status(name).orElseThrow(() -> new IOException(Shown.text(name) + " is gone"));
        Optional<LinuxStatus> there = to.status(name);
        boolean isDirectoryThere = there.filter(LinuxStatus::isDirectory).isPresent();
        if (moved.isDirectory() && isDirectoryThere) {
            merge(name, moved, from, to);
        } else if (isDirectoryThere) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Unable to process data: the volume holds a directory '" + Shown.text(name)
                            + "' where the archive has a file or a link. Remove it, or import into a new claim");
        } else {
            if (moved.isDirectory() && there.isPresent()) {
                to.removeFile(name);
            }
            moveWhole(name, moved, from, to);
        }
    }

    /** A directory has to be writable to get another parent, and keeps its time. */
    private static void moveWhole(String name, LinuxStatus moved, LinuxDirectory from, LinuxDirectory to)
            throws IOException {
        if (!moved.isDirectory()) {
            from.moveTo(to, name);
            return;
        }
        makeUsable(name, moved, from);
        from.moveTo(to, name);
        try (LinuxDirectory directory = to.enter(name)) {
            directory.setMode(moved.mode());
            directory.setModified(moved.modified());
        }
    }

    private static void merge(String name, LinuxStatus moved, LinuxDirectory from, LinuxDirectory to)
            throws IOException {
        makeUsable(name, moved, from);
        to.setMode(name, USABLE);
        try (LinuxDirectory source = from.enter(name);
                LinuxDirectory target = to.enter(name)) {
            moveAll(source, target);
            target.setMode(moved.mode());
            target.setModified(moved.modified());
        }
        if (!from.removeDirectory(name)) {
            throw new IOException("Cannot empty directory " + Shown.text(name));
        }
    }

    private static void makeUsable(String name, LinuxStatus status, LinuxDirectory in) throws IOException {
        if ((status.mode() & USABLE) != USABLE) {
            in.setMode(name, status.mode() | USABLE);
        }
    }
}
