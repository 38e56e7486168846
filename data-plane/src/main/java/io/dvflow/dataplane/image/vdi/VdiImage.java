package io.dvflow.dataplane.image.vdi;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DataArea;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.JoinedRuns;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteOrder;
import java.util.Iterator;

/** A VirtualBox disk image, dynamic or fixed; the two differ only in how many blocks are there. */
public final class VdiImage implements DiskImage {

    /** This entry of the map and the one above it stand for blocks that are not there. */
    private static final long DISCARDED = 0xffff_fffeL;

    private final VdiHeader header;
    private final MetadataReader file;

    private VdiImage(VdiHeader header, MetadataReader file) {
        this.header = header;
        this.file = file;
    }

    /**
     * @param first the beginning of the file
     * @param tables used for as long as runs are read; whoever opened it closes it
     */
    public static VdiImage open(byte[] first, long fileLength, RangeReader tables) {
        MetadataReader file = new MetadataReader(tables, first, fileLength, ByteOrder.LITTLE_ENDIAN);
        return new VdiImage(VdiHeader.parse(file), file);
    }

    /** Size of the disk in an image that begins so, however long its file may be. */
    public static long virtualSize(byte[] first) {
        return VdiHeader.parse(MetadataReader.ofBeginning(first, ByteOrder.LITTLE_ENDIAN))
                .virtualSize();
    }

    @Override
    public String format() {
        return "vdi";
    }

    @Override
    public long virtualSize() {
        return header.virtualSize();
    }

    @Override
    public long granularity() {
        return VdiHeader.BLOCK_SIZE;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        DataArea area = new DataArea(VdiHeader.REFUSAL, file.fileLength())
                .without(0, SECTOR, "header")
                .without(header.mapOffset(), header.mapBytes(), "block map");
        return new JoinedRuns(header.virtualSize(), guest -> block(guest, area));
    }

    private Run block(long guest, DataArea area) {
        long length = Math.min(VdiHeader.BLOCK_SIZE, header.virtualSize() - guest);
        long index = guest / VdiHeader.BLOCK_SIZE;
        long entry = Integer.toUnsignedLong(
                file.read(header.mapOffset() + index * VdiHeader.ENTRY_BYTES, VdiHeader.ENTRY_BYTES)
                        .getInt(0));
        return entry >= DISCARDED
                ? new Run.Zero(guest, length)
                : area.data(guest, length, header.dataOffset() + entry * VdiHeader.BLOCK_SIZE);
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A vdi image has no compressed clusters");
    }
}
