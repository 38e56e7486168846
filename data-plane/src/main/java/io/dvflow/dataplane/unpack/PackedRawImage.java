package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import java.util.Iterator;
import java.util.stream.Stream;

/** A disk byte by byte, in a packed source whose blocks are unpacked side by side. */
public record PackedRawImage(PackedBlocks blocks) implements DiskImage {

    private static final int PAGE = 4096;

    @Override
    public String format() {
        return "raw";
    }

    @Override
    public long virtualSize() {
        return Math.ceilDiv(blocks.length(), SECTOR) * SECTOR;
    }

    @Override
    public long granularity() {
        return blocks.list().stream().allMatch(block -> block.start() % PAGE == 0) ? PAGE : 1;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        long padding = virtualSize() - blocks.length();
        Stream<Run> packed = blocks.list().stream()
                .filter(block -> block.length() > 0)
                .map(block -> new Run.Packed(block.start(), block.length(), block.host(), block.hostLength()));
        Stream<Run> zeros = padding == 0 ? Stream.of() : Stream.of(new Run.Zero(blocks.length(), padding));
        return Stream.concat(packed, zeros).iterator();
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A packed raw image has blocks and no clusters");
    }

    @Override
    public SequentialReader unpack(Run.Packed run, RangeReader source) {
        return blocks.unpack(blocks.list().get(blocks.numberOf(run.guest())), source);
    }
}
