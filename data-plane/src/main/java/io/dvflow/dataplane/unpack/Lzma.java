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

/** Decodes one xz block after the other with the system's liblzma. */
final class Lzma implements AutoCloseable {

    static final int OK = 0;
    static final int STREAM_END = 1;
    static final int OPTIONS_ERROR = 8;
    static final int BUF_ERROR = 10;

    /** The fields of lzma_stream on 64-bit Linux. */
    private static final int NEXT_IN = 0;

    private static final int AVAIL_IN = 8;
    private static final int NEXT_OUT = 24;
    private static final int AVAIL_OUT = 32;
    private static final int STREAM_BYTES = 136;

    /** The fields of lzma_block. */
    private static final int HEADER_SIZE = 4;

    private static final int CHECK = 8;
    private static final int COMPRESSED_SIZE = 16;
    private static final int UNCOMPRESSED_SIZE = 24;
    private static final int FILTERS = 32;
    private static final int BLOCK_BYTES = 208;
    /** Five of lzma_filter: four at most, and the end. */
    private static final int FILTERS_BYTES = 5 * 16;

    private final Functions functions = Functions.load();
    private final MemorySegment stream;
    private final MemorySegment block;
    private final MemorySegment filters;
    private final MemorySegment header;

    /** @param arena open until this is closed */
    Lzma(Arena arena) {
        stream = arena.allocate(STREAM_BYTES, 8);
        block = arena.allocate(BLOCK_BYTES, 8);
        filters = arena.allocate(FILTERS_BYTES, 8);
        header = arena.allocate(1024);
    }

    /** Whether liblzma can verify this kind of check. */
    boolean knows(int check) {
        return functions.checkIsSupported(check) != 0;
    }

    /**
     * Reads the header of a block; then either {@link #start} or {@link #forget} is due if it is {@link #OK}.
     *
     * @param bytes all of the header
     * @param check kind of check, from the stream's header
     * @return what liblzma says
     */
    int readHeader(byte[] bytes, int check) {
        block.fill((byte) 0);
        block.set(JAVA_INT, HEADER_SIZE, bytes.length);
        block.set(JAVA_INT, CHECK, check);
        block.set(ADDRESS, FILTERS, filters);
        MemorySegment.copy(bytes, 0, header, JAVA_BYTE, 0, bytes.length);
        return functions.headerDecode(block, header);
    }

    /** Bytes that decoding the block will take; negative if liblzma cannot decode it. */
    long memoryNeeded() {
        return functions.memoryUsage(filters);
    }

    /** Begins to decode. */
    int start() {
        try {
            return functions.blockDecoder(stream, block);
        } finally {
            forget();
        }
    }

    /** Gives up what the header said. */
    void forget() {
        functions.freeFilters(filters);
    }

    /** Decodes until input or room is used up, or the block has ended and its check is right. */
    int decode(MemorySegment from, MemorySegment into) {
        stream.set(ADDRESS, NEXT_IN, from);
        stream.set(JAVA_LONG, AVAIL_IN, from.byteSize());
        stream.set(ADDRESS, NEXT_OUT, into);
        stream.set(JAVA_LONG, AVAIL_OUT, into.byteSize());
        return functions.code(stream);
    }

    /** Input that the last call did not take. */
    long inputLeft() {
        return stream.get(JAVA_LONG, AVAIL_IN);
    }

    /** Room that the last call did not fill. */
    long roomLeft() {
        return stream.get(JAVA_LONG, AVAIL_OUT);
    }

    /** Of the block that has ended, without header, padding and check. */
    long compressedSize() {
        return block.get(JAVA_LONG, COMPRESSED_SIZE);
    }

    long uncompressedSize() {
        return block.get(JAVA_LONG, UNCOMPRESSED_SIZE);
    }

    @Override
    public void close() {
        functions.end(stream);
    }

    private record Functions(
            MethodHandle checkIsSupportedHandle,
            MethodHandle headerDecodeHandle,
            MethodHandle memoryUsageHandle,
            MethodHandle freeFiltersHandle,
            MethodHandle blockDecoderHandle,
            MethodHandle codeHandle,
            MethodHandle endHandle) {

        private static final int RUN = 0;

        private static volatile Functions loaded;

        /** Looked up once: a block has a decoder of its own. */
        static Functions load() {
            if (loaded == null) {
                loaded = lookUp();
            }
            return loaded;
        }

        private static Functions lookUp() {
            NativeLibrary lzma = NativeLibrary.system("liblzma.so.5");
            return new Functions(
                    lzma.function("lzma_check_is_supported", FunctionDescriptor.of(JAVA_BYTE, JAVA_INT)),
                    lzma.function(
                            "lzma_block_header_decode", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS)),
                    lzma.function("lzma_raw_decoder_memusage", FunctionDescriptor.of(JAVA_LONG, ADDRESS)),
                    lzma.function("lzma_filters_free", FunctionDescriptor.ofVoid(ADDRESS, ADDRESS)),
                    lzma.function("lzma_block_decoder", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)),
                    lzma.function("lzma_code", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT)),
                    lzma.function("lzma_end", FunctionDescriptor.ofVoid(ADDRESS)));
        }

        int checkIsSupported(int check) {
            return (int) NativeLibrary.call(
                    "lzma_check_is_supported", () -> (byte) checkIsSupportedHandle.invokeExact(check));
        }

        int headerDecode(MemorySegment block, MemorySegment header) {
            return (int) NativeLibrary.call("lzma_block_header_decode", () ->
                    (int) headerDecodeHandle.invokeExact(block, MemorySegment.NULL, header));
        }

        long memoryUsage(MemorySegment filters) {
            return NativeLibrary.call("lzma_raw_decoder_memusage", () -> (long) memoryUsageHandle.invokeExact(filters));
        }

        void freeFilters(MemorySegment filters) {
            NativeLibrary.call("lzma_filters_free", () -> {
                freeFiltersHandle.invokeExact(filters, MemorySegment.NULL);
                return 0;
            });
        }

        int blockDecoder(MemorySegment stream, MemorySegment block) {
            return (int)
                    NativeLibrary.call("lzma_block_decoder", () -> (int) blockDecoderHandle.invokeExact(stream, block));
        }

        int code(MemorySegment stream) {
            return (int) NativeLibrary.call("lzma_code", () -> (int) codeHandle.invokeExact(stream, RUN));
        }

        void end(MemorySegment stream) {
            NativeLibrary.call("lzma_end", () -> {
                endHandle.invokeExact(stream);
                return 0;
            });
        }
    }
}
