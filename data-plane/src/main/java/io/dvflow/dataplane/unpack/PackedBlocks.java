package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The blocks of a packed source whose end says where they are: each can be unpacked without the others. What the end says
 * is held against each block when that is unpacked. Safe for use by many threads.
 */
public final class PackedBlocks {

    private final Packing packing;
    private final List<PackedBlock> blocks;
    private final MemoryBudget memory = new MemoryBudget(UnpackingLimits.PARALLEL_MEMORY);

    private PackedBlocks(Packing packing, List<PackedBlock> blocks) {
        this.packing = packing;
        this.blocks = blocks;
    }

    /** Empty if the source cannot seek, or does not say where its blocks are. */
    public static Optional<PackedBlocks> of(ImageSource packed, Packing packing) {
        if (!packed.facts().seekable() || packing == Packing.GZIP) {
            return Optional.empty();
        }
        try (RangeReader reader = packed.ranges()) {
            long length = packed.facts().length();
            List<PackedBlock> found =
                    packing == Packing.XZ ? XzBlockList.read(reader, length) : ZstdSeekTable.read(reader, length);
            return found.isEmpty() ? Optional.empty() : Optional.of(new PackedBlocks(packing, found));
        } catch (TransferFailure e) {
            if (e.reason() != FailureReason.CORRUPT_IMAGE) {
                throw e;
            }
            // Then it is read in order, and what is wrong with it shows there.
            return Optional.empty();
        }
    }

    /** Bytes that all blocks hold. */
    public long length() {
        return blocks.getLast().end();
    }

    /** Whether there is more than one. */
    public boolean areSeveral() {
        return blocks.size() > 1;
    }

    /** Bytes that the largest block holds. */
    long largest() {
        return blocks.stream().mapToLong(PackedBlock::length).max().orElse(0);
    }

    List<PackedBlock> list() {
        return blocks;
    }

    /** Number of the block that holds a byte. */
    int numberOf(long position) {
        int low = 0;
        int high = blocks.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (blocks.get(middle).end() <= position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * What a block holds, from its first to its last byte; fails unless that is as long as it should be.
     *
     * @param packed stays open
     */
    SequentialReader unpack(PackedBlock block, RangeReader packed) {
        MemoryBudget.Share share = memory.share();
        PackedInput input = PackedInput.ofBlock(
                packing,
                new SequentialRanges(new Borrowed(packed), block.host(), block.host() + block.hostLength()),
                block.hostLength());
        if (packing == Packing.XZ) {
            return new WholeBlock(block, input, new XzBlockDecoder(input, block, share), share);
        }
        // The window is not larger than the frame, as far as it is ever touched.
        share.reserve(block.length());
        return new WholeBlock(block, input, new ZstdDecoder(input, Optional.empty()), share);
    }

    private record Borrowed(RangeReader reader) implements RangeReader {
        @Override
        public void start(long from, long to) {
            reader.start(from, to);
        }

        @Override
        public int read(ByteBuffer into) {
            return reader.read(into);
        }

        @Override
        public void close() {
            // Whoever opened it goes on to use it.
        }
    }
}
