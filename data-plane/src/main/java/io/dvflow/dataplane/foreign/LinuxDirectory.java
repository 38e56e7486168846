package io.dvflow.dataplane.foreign;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.dvflow.dataplane.foreign.DirectoryCalls.Result;
import io.dvflow.dataplane.report.Shown;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An open directory, and what can be done to the names in it. Each call works on one name in this very directory and follows
 * no symbolic link: whatever a tree is made of, nothing outside of it is reached. Names are bytes, each of them one
 * character here (ISO 8859-1), so that any name passes unchanged; they must not hold a slash or a zero.
 *
 * <p>Times are set for the last access and the last change alike. Not safe for use by many threads, but for
 * {@link #syncFileSystem}.
 */
@SuppressWarnings("restricted")
public final class LinuxDirectory implements Closeable {

    private static final int O_RDONLY = 0;
    private static final int O_WRONLY = 1;
    private static final int O_CREAT = 0x40;
    private static final int O_EXCL = 0x80;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_PATH = 0x200000;
    private static final boolean IS_ARM = System.getProperty("os.arch").equals("aarch64");
    // The two that differ between the machines that Linux runs on.
    private static final int O_DIRECTORY = IS_ARM ? 0x4000 : 0x10000;
    private static final int O_NOFOLLOW = IS_ARM ? 0x8000 : 0x20000;

    private static final int NEW_FILE = 0600;
    private static final int NEW_DIRECTORY = 0700;

    /** In {@code struct dirent}. */
    private static final int NAME_OF_ENTRY = 19;

    private static final int LONGEST_NAME = 255;

    private final String path;
    private final int descriptor;

    private LinuxDirectory(String path, int descriptor) {
        this.path = Shown.text(path);
        this.descriptor = descriptor;
    }

    /** @param path of a directory that can be trusted; links in it are followed */
    public static LinuxDirectory open(Path path) throws IOException {
        Result opened = openAt(DirectoryCalls.AT_FDCWD, path.toString(), O_RDONLY | O_DIRECTORY, 0);
        return new LinuxDirectory(path.toString(), (int) opened.orThrow("open " + path));
    }

    /** @return a directory in this one */
    public LinuxDirectory enter(String name) throws IOException {
        Result opened = openAt(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
        return new LinuxDirectory(path + "/" + name, (int) opened.orThrow("open " + shown(name)));
    }

    /**
     * Makes a directory that only its owner may use.
     *
     * @return false if the name is taken
     */
    public boolean makeDirectory(String name) throws IOException {
        Result made = onName("mkdirat", name, (state, text) ->
                (int) DirectoryCalls.MKDIRAT.invokeExact(state, descriptor, text, NEW_DIRECTORY));
        if (made.failedWith(DirectoryCalls.EEXIST)) {
            return false;
        }
        made.orThrow("create directory " + shown(name));
        return true;
    }

    /** Makes a file, which must not exist, and which only its owner may use. */
    public LinuxFileWriter create(String name) throws IOException {
        Result opened = openAt(descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, NEW_FILE);
        return new LinuxFileWriter(shown(name), (int) opened.orThrow("create " + shown(name)), 0);
    }

    /** Opens a file to go on writing at a place; what is behind it is cut off. */
    public LinuxFileWriter goOn(String name, long at) throws IOException {
        Result opened = openAt(descriptor, name, O_WRONLY | O_NOFOLLOW, 0);
        var file = new LinuxFileWriter(shown(name), (int) opened.orThrow("open " + shown(name)), at);
        file.cutTo(at);
        return file;
    }

    public void makeSymbolicLink(String name, String leadsTo) throws IOException {
        DirectoryCalls.call("symlinkat", (arena, state) -> (int) DirectoryCalls.SYMLINKAT.invokeExact(
                        state, DirectoryCalls.text(arena, leadsTo), descriptor, DirectoryCalls.text(arena, name)))
                .orThrow("create symbolic link " + shown(name));
    }

    /** Gives what has a name in another directory a second name in this one; of a symbolic link, the link itself. */
    public void makeHardLink(String name, LinuxDirectory other, String otherName) throws IOException {
        DirectoryCalls.call("linkat", (arena, state) -> (int) DirectoryCalls.LINKAT.invokeExact(
                        state,
                        other.descriptor,
                        DirectoryCalls.text(arena, otherName),
                        descriptor,
                        DirectoryCalls.text(arena, name),
                        0))
                .orThrow("link " + shown(name) + " to " + other.shown(otherName));
    }

    /** Takes the place of what has this name in the other directory, if that is possible. */
    public void moveTo(LinuxDirectory other, String name) throws IOException {
        DirectoryCalls.call("renameat", (arena, state) -> {
                    MemorySegment text = DirectoryCalls.text(arena, name);
                    return (int) DirectoryCalls.RENAMEAT.invokeExact(state, descriptor, text, other.descriptor, text);
                })
                .orThrow("move " + shown(name) + " to " + other.path);
    }

    public void removeFile(String name) throws IOException {
        remove(name, 0).orThrow("remove " + shown(name));
    }

    /** @return false if there is something in it */
    public boolean removeDirectory(String name) throws IOException {
        Result removed = remove(name, DirectoryCalls.AT_REMOVEDIR);
        if (removed.failedWith(DirectoryCalls.ENOTEMPTY) || removed.failedWith(DirectoryCalls.EEXIST)) {
            return false;
        }
        removed.orThrow("remove directory " + shown(name));
        return true;
    }

    /** What has this name; empty if nothing has. */
    public Optional<LinuxStatus> status(String name) throws IOException {
        return status(name, DirectoryCalls.AT_SYMLINK_NOFOLLOW);
    }

    /** This directory itself. */
    public LinuxStatus status() throws IOException {
        return status("", DirectoryCalls.AT_EMPTY_PATH)
                .orElseThrow(() -> new IOException("Cannot look at " + path + ": it is gone"));
    }

    /** Permissions of this directory itself. */
    public void setMode(int mode) throws IOException {
        DirectoryCalls.call(
                        "fchmod", (arena, state) -> (int) DirectoryCalls.FCHMOD.invokeExact(state, descriptor, mode))
                .orThrow("set the mode of " + path);
    }

    /** Permissions of a file or directory in this one, which need not allow to open it. */
    public void setMode(String name, int mode) throws IOException {
        int opened = (int) openAt(descriptor, name, O_PATH | O_NOFOLLOW, 0).orThrow("open " + shown(name));
        try {
            // There is no call for a name that may be a link by now; this one leads to what has been opened, and
            // nowhere else.
            DirectoryCalls.call("chmod", (arena, state) -> (int) DirectoryCalls.CHMOD.invokeExact(
                            state, DirectoryCalls.text(arena, "/proc/self/fd/" + opened), mode))
                    .orThrow("set the mode of " + shown(name));
        } finally {
            closeQuietly(opened);
        }
    }

    /** Times of this directory itself. */
    public void setModified(Instant time) throws IOException {
        DirectoryCalls.call("futimens", (arena, state) ->
                        (int) DirectoryCalls.FUTIMENS.invokeExact(state, descriptor, DirectoryCalls.times(arena, time)))
                .orThrow("set the times of " + path);
    }

    /** Times of what has this name; of a symbolic link, of the link itself. */
    public void setModified(String name, Instant time) throws IOException {
        DirectoryCalls.call("utimensat", (arena, state) -> (int) DirectoryCalls.UTIMENSAT.invokeExact(
                        state,
                        descriptor,
                        DirectoryCalls.text(arena, name),
                        DirectoryCalls.times(arena, time),
                        DirectoryCalls.AT_SYMLINK_NOFOLLOW))
                .orThrow("set the times of " + shown(name));
    }

    /** Some of the names in here, in no order, or all of them if there are no more. */
    public List<String> names(int most) throws IOException {
        int own = (int) openAt(descriptor, ".", O_RDONLY | O_DIRECTORY, 0).orThrow("list " + path);
        MemorySegment[] stream = new MemorySegment[1];
        Result opened = DirectoryCalls.call("fdopendir", (arena, state) -> {
            stream[0] = (MemorySegment) DirectoryCalls.FDOPENDIR.invokeExact(state, own);
            return stream[0].address() == 0 ? -1 : 0;
        });
        if (opened.failed()) {
            closeQuietly(own);
        }
        opened.orThrow("list " + path);
        try {
            return names(stream[0], most);
        } finally {
            DirectoryCalls.call(
                    "closedir", (arena, state) -> (int) DirectoryCalls.CLOSEDIR.invokeExact(state, stream[0]));
        }
    }

    private List<String> names(MemorySegment stream, int most) {
        List<String> names = new ArrayList<>();
        MemorySegment[] entry = new MemorySegment[1];
        while (names.size() < most) {
            NativeLibrary.call("readdir", () -> {
                entry[0] = (MemorySegment) DirectoryCalls.READDIR.invokeExact(stream);
                return 0;
            });
            // An error looks the same; who empties a directory finds out when it is not empty.
            if (entry[0].address() == 0) {
                break;
            }
            String name = entry[0].reinterpret(NAME_OF_ENTRY + LONGEST_NAME + 1)
                    .getString(NAME_OF_ENTRY, StandardCharsets.ISO_8859_1);
            if (!name.equals(".") && !name.equals("..")) {
                names.add(name);
            }
        }
        return names;
    }

    /** Makes all that has been done on this file system survive a power failure. */
    public void syncFileSystem() throws IOException {
        DirectoryCalls.call("syncfs", (arena, state) -> (int) DirectoryCalls.SYNCFS.invokeExact(state, descriptor))
                .orThrow("sync the file system of " + path);
    }

    @Override
    public void close() {
        closeQuietly(descriptor);
    }

    private Optional<LinuxStatus> status(String name, int flags) throws IOException {
        byte[] found = new byte[LinuxStatus.BYTES];
        Result looked = DirectoryCalls.call("statx", (arena, state) -> {
            MemorySegment into = arena.allocate(LinuxStatus.BYTES, Long.BYTES);
            int result = (int) DirectoryCalls.STATX.invokeExact(
                    state, descriptor, DirectoryCalls.text(arena, name), flags, LinuxStatus.WANTED, into);
            MemorySegment.copy(into, JAVA_BYTE, 0, found, 0, found.length);
            return result;
        });
        if (looked.failedWith(DirectoryCalls.ENOENT)) {
            return Optional.empty();
        }
        looked.orThrow("look at " + shown(name));
        return Optional.of(LinuxStatus.of(found));
    }

    private Result remove(String name, int flags) {
        return onName("unlinkat", name, (state, text) ->
                (int) DirectoryCalls.UNLINKAT.invokeExact(state, descriptor, text, flags));
    }

    private interface OnName {
        long run(MemorySegment state, MemorySegment name) throws Throwable;
    }

    private static Result onName(String function, String name, OnName call) {
        return DirectoryCalls.call(function, (arena, state) -> call.run(state, DirectoryCalls.text(arena, name)));
    }

    private static Result openAt(int directory, String name, int flags, int mode) {
        return onName("openat", name, (state, text) ->
                (int) DirectoryCalls.OPENAT.invokeExact(state, directory, text, flags | O_CLOEXEC, mode));
    }

    /** Nothing was written through it that could be lost. */
    private static void closeQuietly(int descriptor) {
        DirectoryCalls.call("close", (arena, state) -> (int) DirectoryCalls.CLOSE.invokeExact(state, descriptor));
    }

    private String shown(String name) {
        return Shown.text(path + "/" + name);
    }
}
