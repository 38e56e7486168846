package io.dvflow.dataplane.foreign;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** The C library's functions that work on names in an open directory, and what they say when they fail. */
@SuppressWarnings("restricted")
final class DirectoryCalls {

    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EEXIST = 17;
    static final int ENOTEMPTY = 39;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_EMPTY_PATH = 0x1000;

    private static final NativeLibrary LIBC = NativeLibrary.libc();
    private static final Linker.Option ERRNO_KEPT = Linker.Option.captureCallState("errno");
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    static final MethodHandle OPENAT = LIBC.function(
            "openat",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            ERRNO_KEPT,
            Linker.Option.firstVariadicArg(3));
    static final MethodHandle MKDIRAT = returningInt("mkdirat", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle UNLINKAT = returningInt("unlinkat", JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle RENAMEAT = returningInt("renameat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
    static final MethodHandle LINKAT = returningInt("linkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
    static final MethodHandle SYMLINKAT = returningInt("symlinkat", ADDRESS, JAVA_INT, ADDRESS);
    static final MethodHandle CHMOD = returningInt("chmod", ADDRESS, JAVA_INT);
    static final MethodHandle FCHMOD = returningInt("fchmod", JAVA_INT, JAVA_INT);
    static final MethodHandle UTIMENSAT = returningInt("utimensat", JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
    static final MethodHandle FUTIMENS = returningInt("futimens", JAVA_INT, ADDRESS);
    static final MethodHandle STATX = returningInt("statx", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    static final MethodHandle SYNCFS = returningInt("syncfs", JAVA_INT);
    static final MethodHandle FTRUNCATE = returningInt("ftruncate", JAVA_INT, JAVA_LONG);
    static final MethodHandle CLOSE = returningInt("close", JAVA_INT);
    static final MethodHandle CLOSEDIR = returningInt("closedir", ADDRESS);
    static final MethodHandle PWRITE = LIBC.function(
            "pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG), ERRNO_KEPT);
    static final MethodHandle FDOPENDIR =
            LIBC.function("fdopendir", FunctionDescriptor.of(ADDRESS, JAVA_INT), ERRNO_KEPT);
    static final MethodHandle READDIR = LIBC.function("readdir", FunctionDescriptor.of(ADDRESS, ADDRESS));
    private static final MethodHandle STRERROR = LIBC.function("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private DirectoryCalls() {}

    private static MethodHandle returningInt(String name, MemoryLayout... arguments) {
        return LIBC.function(name, FunctionDescriptor.of(JAVA_INT, arguments), ERRNO_KEPT);
    }

    /** A call that keeps {@code errno} in the segment it is given. */
    interface Call {
        long run(Arena arena, MemorySegment state) throws Throwable;
    }

    /**
     * What a call ended with.
     *
     * @param value as the function returned it
     * @param errno means something only if that is negative
     */
    record Result(long value, int errno) {

        boolean failed() {
            return value < 0;
        }

        boolean failedWith(int error) {
            return failed() && errno == error;
        }

        /** @param what of a message {@code Cannot WHAT: reason} */
        long orThrow(String what) throws IOException {
            if (failed()) {
                // The words that readers of the message compare are the C library's own.
                throw new IOException("Cannot " + what + ": " + words(errno));
            }
            return value;
        }
    }

    static Result call(String function, Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long value = NativeLibrary.call(function, () -> call.run(arena, state));
            return new Result(value, (int) ERRNO.get(state, 0L));
        }
    }

    /** Bytes, one a character. */
    static MemorySegment text(Arena arena, String text) {
        return arena.allocateFrom(text, StandardCharsets.ISO_8859_1);
    }

    /** Two times as {@code utimensat} takes them: of the last access, and of the last change. */
    static MemorySegment times(Arena arena, Instant time) {
        return arena.allocateFrom(
                JAVA_LONG, time.getEpochSecond(), time.getNano(), time.getEpochSecond(), time.getNano());
    }

    private static String words(int errno) {
        MemorySegment[] found = new MemorySegment[1];
        NativeLibrary.call("strerror", () -> {
            found[0] = (MemorySegment) STRERROR.invokeExact(errno);
            return 0;
        });
        return found[0].reinterpret(Long.MAX_VALUE).getString(0, StandardCharsets.ISO_8859_1);
    }
}
