package io.dvflow.dataplane.image;

import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.Iterator;
import java.util.List;

/** A virtual disk inside a source. */
public interface DiskImage {

    /** As {@code qemu-img} calls it. */
    String format();

    /** Bytes of the virtual disk, a multiple of {@link #SECTOR}. */
    long virtualSize();

    /** Every run starts at a multiple of this. */
    long granularity();

    /**
     * All runs, ascending and without gaps other than {@link #unchanged()}, from 0 to {@link #virtualSize()}.
     *
     * @param known stretches of which nobody needs to know what is there; they may be called {@link Run.Zero}
     */
    Iterator<Run> runs(Known known);

    /** Of a delta: stretches that stay as the target has them; ascending. Other images have none. */
    default List<ByteRange> unchanged() {
        return List.of();
    }

    /** A decoder for {@link Run.Compressed}; each thread needs its own. */
    ClusterDecoder newDecoder();

    /**
     * What is in a {@link Run.Packed}; the end of it proves that all of it was right.
     *
     * @param source stays open
     */
    default SequentialReader unpack(Run.Packed run, RangeReader source) {
        throw new UnsupportedOperationException("A " + format() + " image has no packed blocks");
    }

    /** What an earlier attempt has already brought to its place. */
    interface Known {
        boolean covers(long guest, long length);
    }

    /** Disks are counted in these. */
    int SECTOR = 512;
}
