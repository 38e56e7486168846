package io.dvflow.dataplane.foreign;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * What Linux can do to a file or a block device and Java cannot ask for: make ranges zero without writing zeros, and
 * allocate without writing. Has a descriptor of its own. Safe for use by many threads.
 */
public final class LinuxFile implements Closeable {

    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int KEEP_SIZE = 0x01;
    private static final int PUNCH_HOLE = 0x02;
    private static final int ZERO_RANGE = 0x10;
    private static final long BLKZEROOUT = 0x127f;

    private static final int SEEK_DATA = 3;
    private static final int FADV_DONTNEED = 4;

    private static final int EINTR = 4;
    private static final int ENXIO = 6;
    private static final int EINVAL = 22;
    private static final int ENOSPC = 28;
    private static final int ENOSYS = 38;
    private static final int EOPNOTSUPP = 95;

    private final Path path;
    private final int descriptor;

    private LinuxFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /** How a range can be made zero, from the one that gives space back to the one that only saves the bus. */
    public enum Zeroing {
        /** Gives the space back; a device does so only if it then reads zeros. */
        PUNCH_HOLE,
        /** Zero, and allocated. */
        ZERO_RANGE,
        /** What older kernels offer for devices. */
        BLKZEROOUT
    }

    public static LinuxFile open(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Libc.STATE);
            int descriptor =
                    (int) Libc.OPEN.invokeExact(state, arena.allocateFrom(path.toString()), O_RDWR | O_CLOEXEC);
            if (descriptor < 0) {
                throw failed("open", path, Libc.errno(state));
            }
            return new LinuxFile(path, descriptor);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call open", e);
        }
    }

    /**
     * Makes a range read as zeros.
     *
     * @return false if this file or device does not know the way
     */
    public boolean zero(Zeroing way, long offset, long length) throws IOException {
        int error = switch (way) {
            case PUNCH_HOLE -> fallocate(PUNCH_HOLE | KEEP_SIZE, offset, length);
            case ZERO_RANGE -> fallocate(ZERO_RANGE | KEEP_SIZE, offset, length);
            case BLKZEROOUT -> blkZeroOut(offset, length);
        };
        if (error == ENOSPC) {
            throw failed("zero bytes " + offset + " to " + (offset + length) + " of", path, error);
        }
        return error == 0;
    }

    /**
     * The first byte from an offset on that is not in a hole; past the end if there is none. All of a device, and of a file
     * whose file system cannot tell, counts as data.
     */
    public long nextData(long offset) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Libc.STATE);
            long found = (long) Libc.LSEEK.invokeExact(state, descriptor, offset, SEEK_DATA);
            if (found >= 0) {
                return found;
            }
            return switch (Libc.errno(state)) {
                case ENXIO -> Long.MAX_VALUE;
                case EINVAL -> offset;
                default -> throw failed("look for data in", path, Libc.errno(state));
            };
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call lseek", e);
        }
    }

    /** Lets the page cache forget what it holds of this, so that the next read is one of the disk. */
    public void forgetCached() throws IOException {
        int error;
        try {
            error = (int) Libc.POSIX_FADVISE.invokeExact(descriptor, 0L, 0L, FADV_DONTNEED);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call posix_fadvise", e);
        }
        if (error != 0) {
            throw failed("drop the cached pages of", path, error);
        }
    }

    /**
     * Gives every byte of a file its place, without touching what is there; a shorter file becomes this long. The C
     * library's own function is not used: where the file system cannot, it writes into each block that it has read.
     *
     * @return false if the file system cannot
     */
    public boolean allocate(long length) throws IOException {
        int error = fallocate(0, 0, length);
        while (error == EINTR) {
            error = fallocate(0, 0, length);
        }
        return switch (error) {
            case 0 -> true;
            case EOPNOTSUPP, ENOSYS -> false;
            default -> throw failed("allocate " + length + " bytes for", path, error);
        };
    }

    @Override
    public void close() throws IOException {
        try {
            int ignored = (int) Libc.CLOSE.invokeExact(descriptor);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call close", e);
        }
    }

    private int fallocate(int mode, long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Libc.STATE);
            int result = (int) Libc.FALLOCATE.invokeExact(state, descriptor, mode, offset, length);
            return result == 0 ? 0 : Libc.errno(state);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call fallocate", e);
        }
    }

    private int blkZeroOut(long offset, long length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Libc.STATE);
            MemorySegment range = arena.allocateFrom(JAVA_LONG, offset, length);
            int result = (int) Libc.IOCTL.invokeExact(state, descriptor, BLKZEROOUT, range);
            return result == 0 ? 0 : Libc.errno(state);
        } catch (Throwable e) {
            throw new IllegalStateException("Cannot call ioctl", e);
        }
    }

    private static IOException failed(String what, Path path, int error) {
        // The words that readers of the message compare are the C library's own.
        String reason = error == ENOSPC ? "No space left on device" : "error " + error;
        return new IOException("Cannot " + what + " " + path + ": " + reason);
    }

    /** Looked up when first needed: most transfers to a fresh file need none of it. */
    private static final class Libc {
        private static final Linker.Option CAPTURE = Linker.Option.captureCallState("errno");
        static final StructLayout STATE = Linker.Option.captureStateLayout();
        private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
        private static final NativeLibrary LIBC = NativeLibrary.libc();

        static final MethodHandle OPEN = LIBC.function(
                "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), CAPTURE, Linker.Option.firstVariadicArg(2));
        static final MethodHandle CLOSE = LIBC.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        static final MethodHandle FALLOCATE = LIBC.function(
                "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG), CAPTURE);
        static final MethodHandle LSEEK =
                LIBC.function("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT), CAPTURE);
        static final MethodHandle POSIX_FADVISE = LIBC.function(
                "posix_fadvise", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
        static final MethodHandle IOCTL = LIBC.function(
                "ioctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                CAPTURE,
                Linker.Option.firstVariadicArg(2));

        static int errno(MemorySegment state) {
            return (int) ERRNO.get(state, 0L);
        }
    }
}
