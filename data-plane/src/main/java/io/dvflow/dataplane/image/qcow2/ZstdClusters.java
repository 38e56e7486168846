package io.dvflow.dataplane.image.qcow2;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.Run;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Zstandard frames through the system's libzstd, which is in every Debian image because dpkg needs it. A frame is
 * decompressed in one call into its cluster, so a window size that the image claims allocates nothing.
 */
final class ZstdClusters implements ClusterDecoder {

    private final int clusterSize;
    private final MemorySegment context;

    /** @throws io.dvflow.dataplane.report.TransferFailure if this container has no libzstd */
    ZstdClusters(int clusterSize) {
        NativeLibrary.system(Library.NAME);
        this.clusterSize = clusterSize;
        this.context = Library.LOADED.create();
    }

    @Override
    public int clusterSize() {
        return clusterSize;
    }

    @Override
    public void decode(Run.Compressed run, byte[] from, int offset, byte[] into) {
        MemorySegment input = MemorySegment.ofArray(from).asSlice(offset, run.hostLength());
        MemorySegment output = MemorySegment.ofArray(into).asSlice(0, clusterSize);
        while (output.byteSize() > 0) {
            // The length from the L2 entry is rounded up to a sector, what follows the frame is not ours.
            long frame = Library.LOADED.frameSize(input);
            long count = Library.LOADED.decompress(context, output, input.asSlice(0, frame));
            if (count == 0) {
                throw Qcow2Header.corrupt("a compressed cluster holds " + (clusterSize - output.byteSize())
                        + " bytes in place of " + clusterSize);
            }
            input = input.asSlice(frame);
            output = output.asSlice(count);
        }
    }

    @Override
    public void close() {
        Library.LOADED.free(context);
    }

    /** The functions of libzstd. */
    private record Library(MethodHandle alloc, MethodHandle release, MethodHandle frameSize, MethodHandle decompress) {

        static final String NAME = "libzstd.so.1";

        /** Looked up once: handles that are constants are compiled with what calls them. */
        static final Library LOADED = load();

        private static Library load() {
            NativeLibrary zstd = NativeLibrary.system(NAME);
            // A fraction of a millisecond for a cluster: short enough to read and write arrays where they are.
            Linker.Option inPlace = Linker.Option.critical(true);
            return new Library(
                    zstd.function("ZSTD_createDCtx", FunctionDescriptor.of(ADDRESS)),
                    zstd.function("ZSTD_freeDCtx", FunctionDescriptor.of(JAVA_LONG, ADDRESS)),
                    zstd.function(
                            "ZSTD_findFrameCompressedSize",
                            FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG),
                            inPlace),
                    zstd.function(
                            "ZSTD_decompressDCtx",
                            FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG),
                            inPlace));
        }

        MemorySegment create() {
            long address = NativeLibrary.call("ZSTD_createDCtx", () -> ((MemorySegment) alloc.invokeExact()).address());
            if (address == 0) {
                throw new OutOfMemoryError("libzstd found no memory for a decompressor");
            }
            return MemorySegment.ofAddress(address);
        }

        void free(MemorySegment context) {
            NativeLibrary.call("ZSTD_freeDCtx", () -> (long) release.invokeExact(context));
        }

        long frameSize(MemorySegment from) {
            return right(NativeLibrary.call(
                    "ZSTD_findFrameCompressedSize", () -> (long) frameSize.invokeExact(from, from.byteSize())));
        }

        long decompress(MemorySegment context, MemorySegment into, MemorySegment from) {
            return right(NativeLibrary.call("ZSTD_decompressDCtx", () ->
                    (long) decompress.invokeExact(context, into, into.byteSize(), from, from.byteSize())));
        }

        /** What libzstd calls an error is a negative number of type {@code size_t}; no size is as large. */
        private long right(long result) {
            if (result < 0) {
                throw Qcow2Header.corrupt("a compressed cluster cannot be decompressed");
            }
            return result;
        }
    }
}
