package io.dvflow.dataplane.image.qcow2;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.dvflow.dataplane.foreign.NativeLibrary;
import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Zstandard frames through the system's libzstd, which is in every Debian image because dpkg needs it. A frame is
 * decompressed in one call into its cluster, so a window size that the image claims allocates nothing.
 */
final class ZstdClusters implements ClusterDecoder {

    private final int clusterSize;
    private final Arena arena = Arena.ofConfined();
    private final Library library;
    private final MemorySegment output;
    private final MemorySegment input;

    ZstdClusters(int clusterSize) {
        this.clusterSize = clusterSize;
        this.library = Library.load(arena);
        this.output = arena.allocate(clusterSize);
        // The largest compressed cluster that an L2 entry can describe.
        this.input = arena.allocate(2L * clusterSize + 512);
    }

    @Override
    public int clusterSize() {
        return clusterSize;
    }

    @Override
    public void decode(Run.Compressed run, byte[] from, int offset, byte[] into) {
        int length = run.hostLength();
        MemorySegment.copy(from, offset, input, JAVA_BYTE, 0, length);
        long consumed = 0;
        long done = 0;
        while (done < clusterSize) {
            // The length from the L2 entry is rounded up to a sector, what follows the frame is not ours.
            MemorySegment rest = input.asSlice(consumed, length - consumed);
            long frame = library.frameSize(rest);
            long count = library.decompress(output.asSlice(done), rest.asSlice(0, frame));
            if (count == 0) {
                throw Qcow2Header.corrupt("a compressed cluster holds " + done + " bytes in place of " + clusterSize);
            }
            consumed += frame;
            done += count;
        }
        MemorySegment.copy(output, JAVA_BYTE, 0, into, 0, clusterSize);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** The functions of libzstd. */
    private record Library(MethodHandle frameSize, MethodHandle decompress, MethodHandle isError) {

        static Library load(Arena arena) {
            NativeLibrary zstd;
            try {
                zstd = NativeLibrary.open("libzstd.so.1", arena);
            } catch (IllegalArgumentException e) {
                throw new TransferFailure(
                        FailureReason.UNSUPPORTED_FORMAT,
                        "Unable to process data: the qcow2 image is compressed with zstd, and this container has no"
                                + " libzstd.so.1 to read it with. Use the dvflow image, or convert it with qemu-img"
                                + " convert -c -o compression_type=zlib",
                        e);
            }
            return new Library(
                    zstd.function("ZSTD_findFrameCompressedSize", FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG)),
                    zstd.function(
                            "ZSTD_decompress",
                            FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG)),
                    zstd.function("ZSTD_isError", FunctionDescriptor.of(JAVA_INT, JAVA_LONG)));
        }

        long frameSize(MemorySegment from) {
            return call(() -> (long) frameSize.invokeExact(from, from.byteSize()));
        }

        long decompress(MemorySegment into, MemorySegment from) {
            return call(() -> (long) decompress.invokeExact(into, into.byteSize(), from, from.byteSize()));
        }

        private interface NativeCall {
            long run() throws Throwable;
        }

        private long call(NativeCall function) {
            long result;
            boolean error;
            try {
                result = function.run();
                error = (int) isError.invokeExact(result) != 0;
            } catch (Throwable e) {
                throw new IllegalStateException("Cannot call libzstd", e);
            }
            if (error) {
                throw Qcow2Header.corrupt("a compressed cluster cannot be decompressed");
            }
            return result;
        }
    }
}
