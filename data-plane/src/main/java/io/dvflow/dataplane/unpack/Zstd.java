package io.dvflow.dataplane.unpack;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Decodes zstd frames with the system's libzstd. */
final class Zstd implements AutoCloseable {

    /** What libzstd calls a window that is larger than allowed. */
    static final int WINDOW_TOO_LARGE = 16;

    private static final int WINDOW_LOG_MAX = 100;
    /** Of a frame's header, behind its magic number. */
    private static final int DESCRIPTOR = 4;

    private static final int[] DICTIONARY_ID_BYTES = {0, 1, 2, 4};
    private static final int SINGLE_SEGMENT = 1 << 5;

    /** The fields of ZSTD_inBuffer and ZSTD_outBuffer: address, size, position. */
    private static final int ADDRESS_OF = 0;

    private static final int SIZE_OF = 8;
    private static final int POSITION_OF = 16;
    private static final int BUFFER_BYTES = 24;

    private final Functions functions = Functions.load();
    private final MemorySegment in;
    private final MemorySegment out;
    private final MemorySegment context = functions.create();

    /** @param arena open until this is closed */
    Zstd(int windowLog, Arena arena) {
        in = arena.allocate(BUFFER_BYTES, 8);
        out = arena.allocate(BUFFER_BYTES, 8);
        if (context.equals(MemorySegment.NULL) || errorOf(functions.set(context, WINDOW_LOG_MAX, windowLog)) != 0) {
            throw new IllegalStateException("libzstd gives no context with a window of 2^" + windowLog);
        }
    }

    /** What the header of the first frame (RFC 8878, 3.1.1.1) says of its content's length; 0 if it says nothing. */
    static long contentSize(byte[] first) {
        if (!isFrame(first)) {
            return 0;
        }
        int descriptor = first[DESCRIPTOR] & 0xff;
        int sizeFlag = descriptor >>> 6;
        int at = DESCRIPTOR + 1 + (isSingle(first) ? 0 : 1) + DICTIONARY_ID_BYTES[descriptor & 3];
        int length = sizeFlag == 0 ? (isSingle(first) ? 1 : 0) : 1 << sizeFlag;
        if (first.length < at + length) {
            return 0;
        }
        long size = 0;
        for (int i = length - 1; i >= 0; i--) {
            size = size << 8 | first[at + i] & 0xff;
        }
        // What is larger than any disk makes no sense.
        return Math.max(0, sizeFlag == 1 ? size + 256 : size);
    }

    /** Memory that the first frame's header asks for; 0 if it is skippable, or keeps all that it holds in one piece. */
    static long windowSize(byte[] first) {
        if (!isFrame(first) || isSingle(first)) {
            return 0;
        }
        int window = first[DESCRIPTOR + 1];
        long base = 1L << (10 + (window >>> 3 & 0x1f));
        return base + base / 8 * (window & 7);
    }

    private static boolean isFrame(byte[] first) {
        return first.length > DESCRIPTOR + 1 && first[3] == (byte) 0xfd;
    }

    private static boolean isSingle(byte[] first) {
        return (first[DESCRIPTOR] & SINGLE_SEGMENT) != 0;
    }

    /**
     * Decodes until input or room is used up, or a frame ends.
     *
     * @return 0 at the end of a frame, whose checksum is right; otherwise see {@link #errorOf}
     */
    long decode(MemorySegment from, MemorySegment into) {
        set(in, from);
        set(out, into);
        return functions.decompress(context, out, in);
    }

    /** The number of the error that a result stands for; 0 for none. */
    static int errorOf(long result) {
        // What it calls an error is its negative number as a size_t; no size is as large.
        return result < 0 ? (int) -result : 0;
    }

    /** Input that the last call took. */
    long taken() {
        return in.get(JAVA_LONG, POSITION_OF);
    }

    /** Output that the last call made. */
    long made() {
        return out.get(JAVA_LONG, POSITION_OF);
    }

    @Override
    public void close() {
        functions.free(context);
    }

    private static void set(MemorySegment buffer, MemorySegment memory) {
        buffer.set(ADDRESS, ADDRESS_OF, memory);
        buffer.set(JAVA_LONG, SIZE_OF, memory.byteSize());
        buffer.set(JAVA_LONG, POSITION_OF, 0);
    }

    private record Functions(
            MethodHandle createHandle, MethodHandle freeHandle, MethodHandle setHandle, MethodHandle decompressHandle) {

        private static volatile Functions loaded;

        /** Looked up once: a block has a decoder of its own. */
        static Functions load() {
            if (loaded == null) {
                loaded = lookUp();
            }
            return loaded;
        }

        private static Functions lookUp() {
            NativeLibrary zstd = NativeLibrary.system("libzstd.so.1");
            return new Functions(
                    zstd.function("ZSTD_createDCtx", FunctionDescriptor.of(ADDRESS)),
                    zstd.function("ZSTD_freeDCtx", FunctionDescriptor.of(JAVA_LONG, ADDRESS)),
                    zstd.function(
                            "ZSTD_DCtx_setParameter", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT)),
                    zstd.function(
                            "ZSTD_decompressStream", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS)));
        }

        MemorySegment create() {
            return MemorySegment.ofAddress(NativeLibrary.call(
                    "ZSTD_createDCtx", () -> ((MemorySegment) createHandle.invokeExact()).address()));
        }

        void free(MemorySegment context) {
            NativeLibrary.call("ZSTD_freeDCtx", () -> (long) freeHandle.invokeExact(context));
        }

        long set(MemorySegment context, int parameter, int value) {
            return NativeLibrary.call(
                    "ZSTD_DCtx_setParameter", () -> (long) setHandle.invokeExact(context, parameter, value));
        }

        long decompress(MemorySegment context, MemorySegment out, MemorySegment in) {
            return NativeLibrary.call(
                    "ZSTD_decompressStream", () -> (long) decompressHandle.invokeExact(context, out, in));
        }
    }
}
