package io.dvflow.dataplane.image.qcow2;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.lang.foreign.Arena;
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
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment context;

    /** @throws TransferFailure if this container has no libzstd */
    ZstdClusters(int clusterSize) {
        if (!NativeLibrary.isThere(Library.NAME)) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: the qcow2 image is compressed with zstd, and this container has no "
                            + Library.NAME + " to read it with. Use the dvflow image, or convert it with qemu-img"
                            + " convert -c -o compression_type=zlib");
        }
        this.clusterSize = clusterSize;
        this.context = Library.LOADED.create(arena);
    }

    @Override
    public int clusterSize() {
        return clusterSize;
    }

    @Override
    public void decode(Run.Compressed run, byte[] from, int offset, byte[] into) {
        MemorySegment input = MemorySegment.ofArray(from).asSlice(offset, run.hostLength());
        int done = 0;
        while (done < clusterSize) {
            MemorySegment room = MemorySegment.ofArray(into).asSlice(done, clusterSize - done);
            // The length from the L2 entry is rounded up to a sector, what follows the last frame is not ours.
            long frame = Library.LOADED.frameSize(input);
            long count = frame < 0 ? frame : Library.LOADED.decompress(context, room, input.asSlice(0, frame));
            if (count < 0) {
                throw Qcow2Header.corrupt("the compressed cluster for guest offset " + run.guest()
                        + (done > 0
                                ? " holds " + done + " bytes in place of " + clusterSize
                                : " cannot be decompressed"));
            }
            input = input.asSlice(frame);
            done += (int) count;
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The functions of libzstd. What it calls an error is a negative number of type {@code size_t}; no size is as large. */
    private record Library(MethodHandle alloc, MethodHandle release, MethodHandle frameSize, MethodHandle decompress) {

        static final String NAME = "libzstd.so.1";

        /** Looked up once: handles that are constants are compiled with what calls them. */
        static final Library LOADED = load();

        private static Library load() {
            NativeLibrary zstd = NativeLibrary.open(NAME, Arena.global());
            // Reads and writes arrays where they are. Nothing of this JVM can be collected meanwhile: a fraction of a
            // millisecond for a cluster of the usual size, a few for the largest.
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

        MemorySegment create(Arena arena) {
            long address = NativeLibrary.call("ZSTD_createDCtx", () -> ((MemorySegment) alloc.invokeExact()).address());
            return NativeLibrary.owned(
                    address,
                    arena,
                    context -> NativeLibrary.call("ZSTD_freeDCtx", () -> (long) release.invokeExact(context)));
        }

        /** Bytes of the frame at the beginning. */
        long frameSize(MemorySegment from) {
            return NativeLibrary.call(
                    "ZSTD_findFrameCompressedSize", () -> (long) frameSize.invokeExact(from, from.byteSize()));
        }

        /** Bytes that a frame held. */
        long decompress(MemorySegment context, MemorySegment into, MemorySegment frame) {
            return NativeLibrary.call("ZSTD_decompressDCtx", () ->
                    (long) decompress.invokeExact(context, into, into.byteSize(), frame, frame.byteSize()));
        }
    }
}
