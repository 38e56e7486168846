package io.dvflow.dataplane.image;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Decompresses clusters, each at once, in half the time that zlib takes. It is strict about where a stream ends: one that goes
 * on where the cluster ends is refused, so whoever is refused asks zlib, which also has words for what is wrong. Of length and
 * distance codes that nobody may use it takes some that zlib refuses. Belongs to one thread.
 */
public final class Libdeflate implements AutoCloseable {

    private static final int SUCCESS = 0;

    /** What is in a stream. */
    public enum Format {
        /** Deflate as it is (RFC 1951). */
        RAW,
        /** With a header and a check sum, which is verified (RFC 1950). */
        ZLIB
    }

    private final MethodHandle decompress;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment made = arena.allocate(JAVA_LONG);
    private final MemorySegment decompressor = Functions.LOADED.create(arena);

    private Libdeflate(Format format) {
        decompress = format == Format.RAW ? Functions.LOADED.raw : Functions.LOADED.zlib;
    }

    /** Empty where the container has no such library: then zlib does. */
    public static Optional<Libdeflate> open(Format format) {
        return NativeLibrary.isThere(Functions.NAME) ? Optional.of(new Libdeflate(format)) : Optional.empty();
    }

    /**
     * Decompresses the stream at a place; what follows it is ignored.
     *
     * @param room bytes of the array that it may fill
     * @return bytes that it holds, or -1 if they are more than there is room for, or the stream is not right
     */
    public int decompress(byte[] from, int offset, int length, byte[] into, int room) {
        MemorySegment in = MemorySegment.ofArray(from).asSlice(offset, length);
        MemorySegment out = MemorySegment.ofArray(into).asSlice(0, room);
        long result = NativeLibrary.call("libdeflate", () -> (int)
                decompress.invokeExact(decompressor, in, in.byteSize(), out, out.byteSize(), MemorySegment.NULL, made));
        return result == SUCCESS ? Math.toIntExact(made.get(JAVA_LONG, 0)) : -1;
    }

    @Override
    public void close() {
        arena.close();
    }

    private record Functions(MethodHandle alloc, MethodHandle release, MethodHandle raw, MethodHandle zlib) {

        static final String NAME = "libdeflate.so.0";

        /** Looked up once. */
        static final Functions LOADED = load();

        private static Functions load() {
            NativeLibrary library = NativeLibrary.open(NAME, Arena.global());
            FunctionDescriptor decompress =
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
            // Reads and writes arrays where they are. Nothing of this JVM can be collected meanwhile: a tenth of a
            // millisecond for a cluster of the usual size, some for the largest, more for one that is made to be slow.
            Linker.Option inPlace = Linker.Option.critical(true);
            return new Functions(
                    library.function("libdeflate_alloc_decompressor", FunctionDescriptor.of(ADDRESS)),
                    library.function("libdeflate_free_decompressor", FunctionDescriptor.ofVoid(ADDRESS)),
                    library.function("libdeflate_deflate_decompress_ex", decompress, inPlace),
                    library.function("libdeflate_zlib_decompress_ex", decompress, inPlace));
        }

        MemorySegment create(Arena arena) {
            long address = NativeLibrary.call(
                    "libdeflate_alloc_decompressor", () -> ((MemorySegment) alloc.invokeExact()).address());
            return NativeLibrary.owned(address, arena, this::free);
        }

        private void free(MemorySegment decompressor) {
            NativeLibrary.call("libdeflate_free_decompressor", () -> {
                release.invokeExact(decompressor);
                return 0;
            });
        }
    }
}
