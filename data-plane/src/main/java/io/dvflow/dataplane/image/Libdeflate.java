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
 * Decompresses clusters, each at once, in half the time that zlib takes. It is strict: a stream that goes on where the cluster
 * ends is refused, so whoever is refused asks zlib, which also has words for what is wrong. Belongs to one thread.
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

    private final Functions functions;
    private final MethodHandle decompress;
    private final MemorySegment decompressor;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment made = arena.allocate(JAVA_LONG);

    private Libdeflate(Functions functions, Format format) {
        this.functions = functions;
        this.decompress = format == Format.RAW ? functions.deflate : functions.zlib;
        this.decompressor = functions.create();
    }

    /** Empty where the container has no such library: then zlib does. */
    public static Optional<Libdeflate> open(Format format) {
        return Functions.LOADED.map(functions -> new Libdeflate(functions, format));
    }

    /**
     * Decompresses the stream at a place; what follows it is ignored.
     *
     * @return bytes that it holds, or -1 if they are more than there is room for, or the stream is not right
     */
    public int decompress(byte[] from, int offset, int length, byte[] into) {
        MemorySegment in = MemorySegment.ofArray(from).asSlice(offset, length);
        MemorySegment out = MemorySegment.ofArray(into);
        long result = NativeLibrary.call("libdeflate", () -> (int)
                decompress.invokeExact(decompressor, in, in.byteSize(), out, out.byteSize(), MemorySegment.NULL, made));
        return result == SUCCESS ? Math.toIntExact(made.get(JAVA_LONG, 0)) : -1;
    }

    @Override
    public void close() {
        functions.free(decompressor);
        arena.close();
    }

    private record Functions(MethodHandle alloc, MethodHandle free, MethodHandle deflate, MethodHandle zlib) {

        static final Optional<Functions> LOADED = load();

        private static Optional<Functions> load() {
            try {
                NativeLibrary library = NativeLibrary.open("libdeflate.so.0", Arena.global());
                FunctionDescriptor decompress = FunctionDescriptor.of(
                        JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS);
                // A tenth of a millisecond for a cluster: short enough to read and write arrays where they are.
                Linker.Option inPlace = Linker.Option.critical(true);
                return Optional.of(new Functions(
                        library.function("libdeflate_alloc_decompressor", FunctionDescriptor.of(ADDRESS)),
                        library.function("libdeflate_free_decompressor", FunctionDescriptor.ofVoid(ADDRESS)),
                        library.function("libdeflate_deflate_decompress_ex", decompress, inPlace),
                        library.function("libdeflate_zlib_decompress_ex", decompress, inPlace)));
            } catch (IllegalArgumentException e) {
                // There is no such library.
                return Optional.empty();
            }
        }

        MemorySegment create() {
            long address = NativeLibrary.call(
                    "libdeflate_alloc_decompressor", () -> ((MemorySegment) alloc.invokeExact()).address());
            if (address == 0) {
                throw new OutOfMemoryError("libdeflate found no memory for a decompressor");
            }
            return MemorySegment.ofAddress(address);
        }

        void free(MemorySegment decompressor) {
            NativeLibrary.call("libdeflate_free_decompressor", () -> {
                free.invokeExact(decompressor);
                return 0;
            });
        }
    }
}
