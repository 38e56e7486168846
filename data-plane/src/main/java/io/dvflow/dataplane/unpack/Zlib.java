package io.dvflow.dataplane.unpack;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * One raw inflate stream of the system's zlib. The JVM's Inflater is the same code, but can neither stop between blocks
 * nor go on there.
 */
final class Zlib implements AutoCloseable {

    static final int OK = 0;
    static final int STREAM_END = 1;
    static final int BUF_ERROR = -5;

    static final int WINDOW = 32 << 10;

    private static final int NO_FLUSH = 0;
    private static final int STOP_AT_BLOCK = 5;
    private static final int RAW_DEFLATE = -15;

    /** The fields of z_stream on 64-bit Linux. */
    private static final int NEXT_IN = 0;

    private static final int AVAIL_IN = 8;
    private static final int NEXT_OUT = 24;
    private static final int AVAIL_OUT = 32;
    private static final int DATA_TYPE = 88;
    private static final int STREAM_BYTES = 112;

    private static final int IN_LAST_BLOCK = 64;
    private static final int AT_BLOCK_BOUNDARY = 128;
    private static final int UNUSED_BITS = 7;

    private final Functions functions = Functions.load();
    private final MemorySegment stream;

    /** @param arena open until this is closed */
    Zlib(Arena arena) {
        stream = arena.allocate(STREAM_BYTES, 8);
        check("inflateInit2", functions.init(stream, RAW_DEFLATE, arena.allocateFrom("1"), STREAM_BYTES));
    }

    /**
     * Inflates until input or room is used up, or the stream ends.
     *
     * @param stopAtBlock whether to stop at the end of a block too
     * @return what zlib says
     */
    int inflate(MemorySegment from, MemorySegment into, boolean stopAtBlock) {
        stream.set(ADDRESS, NEXT_IN, from);
        stream.set(JAVA_INT, AVAIL_IN, (int) from.byteSize());
        stream.set(ADDRESS, NEXT_OUT, into);
        stream.set(JAVA_INT, AVAIL_OUT, (int) into.byteSize());
        return functions.inflate(stream, stopAtBlock ? STOP_AT_BLOCK : NO_FLUSH);
    }

    /** Input that the last call did not take. */
    int inputLeft() {
        return stream.get(JAVA_INT, AVAIL_IN);
    }

    /** Room that the last call did not fill. */
    int roomLeft() {
        return stream.get(JAVA_INT, AVAIL_OUT);
    }

    /** Whether the last call ended between two blocks. */
    boolean isBetweenBlocks() {
        int type = stream.get(JAVA_INT, DATA_TYPE);
        return (type & AT_BLOCK_BOUNDARY) != 0 && (type & IN_LAST_BLOCK) == 0;
    }

    /** How many bits of the last byte taken belong to what comes next, 0 to 7. */
    int unusedBits() {
        return stream.get(JAVA_INT, DATA_TYPE) & UNUSED_BITS;
    }

    /** The last bytes of the output, up to {@link #WINDOW}: what the next block may refer to. */
    byte[] window() {
        try (Arena call = Arena.ofConfined()) {
            MemorySegment window = call.allocate(WINDOW);
            MemorySegment length = call.allocate(JAVA_INT);
            check("inflateGetDictionary", functions.getDictionary(stream, window, length));
            return window.asSlice(0, length.get(JAVA_INT, 0)).toArray(JAVA_BYTE);
        }
    }

    /** Takes up a stream between two blocks. */
    void goOn(int bits, int value, byte[] window) {
        try (Arena call = Arena.ofConfined()) {
            check("inflatePrime", functions.prime(stream, bits, value));
            MemorySegment dictionary = call.allocateFrom(JAVA_BYTE, window);
            check("inflateSetDictionary", functions.setDictionary(stream, dictionary, window.length));
        }
    }

    /** Starts with another stream. */
    void reset() {
        check("inflateReset", functions.reset(stream));
    }

    /** The CRC-32 of two stretches in a row. */
    long combine(long first, long second, long secondLength) {
        return functions.combine(first, second, secondLength);
    }

    @Override
    public void close() {
        functions.end(stream);
    }

    private static void check(String function, int result) {
        if (result != OK) {
            throw new IllegalStateException("zlib's " + function + " answered " + result);
        }
    }

    private record Functions(
            MethodHandle initHandle,
            MethodHandle inflateHandle,
            MethodHandle resetHandle,
            MethodHandle endHandle,
            MethodHandle primeHandle,
            MethodHandle getDictionaryHandle,
            MethodHandle setDictionaryHandle,
            MethodHandle combineHandle) {

        private static volatile Functions loaded;

        /** Looked up once: a block has a decoder of its own. */
        static Functions load() {
            if (loaded == null) {
                loaded = lookUp();
            }
            return loaded;
        }

        private static Functions lookUp() {
            NativeLibrary zlib = NativeLibrary.system("libz.so.1");
            FunctionDescriptor plain = FunctionDescriptor.of(JAVA_INT, ADDRESS);
            return new Functions(
                    zlib.function(
                            "inflateInit2_", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT)),
                    zlib.function("inflate", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT)),
                    zlib.function("inflateReset", plain),
                    zlib.function("inflateEnd", plain),
                    zlib.function("inflatePrime", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT)),
                    zlib.function("inflateGetDictionary", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS)),
                    zlib.function("inflateSetDictionary", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT)),
                    zlib.function("crc32_combine", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG)));
        }

        int init(MemorySegment stream, int windowBits, MemorySegment version, int size) {
            return (int) NativeLibrary.call(
                    "inflateInit2_", () -> (int) initHandle.invokeExact(stream, windowBits, version, size));
        }

        int inflate(MemorySegment stream, int flush) {
            return (int) NativeLibrary.call("inflate", () -> (int) inflateHandle.invokeExact(stream, flush));
        }

        int reset(MemorySegment stream) {
            return (int) NativeLibrary.call("inflateReset", () -> (int) resetHandle.invokeExact(stream));
        }

        int end(MemorySegment stream) {
            return (int) NativeLibrary.call("inflateEnd", () -> (int) endHandle.invokeExact(stream));
        }

        int prime(MemorySegment stream, int bits, int value) {
            return (int) NativeLibrary.call("inflatePrime", () -> (int) primeHandle.invokeExact(stream, bits, value));
        }

        int getDictionary(MemorySegment stream, MemorySegment window, MemorySegment length) {
            return (int) NativeLibrary.call(
                    "inflateGetDictionary", () -> (int) getDictionaryHandle.invokeExact(stream, window, length));
        }

        int setDictionary(MemorySegment stream, MemorySegment window, int length) {
            return (int) NativeLibrary.call(
                    "inflateSetDictionary", () -> (int) setDictionaryHandle.invokeExact(stream, window, length));
        }

        long combine(long first, long second, long secondLength) {
            return NativeLibrary.call(
                    "crc32_combine", () -> (long) combineHandle.invokeExact(first, second, secondLength));
        }
    }
}
