package io.dvflow.dataplane.image.vhdx;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DataArea;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.JoinedRuns;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteOrder;
import java.util.Iterator;

/** A Hyper-V disk, dynamic or fixed; the two differ only in how many blocks are there. */
public final class VhdxImage implements DiskImage {

    private static final int ENTRY_BYTES = 8;
    /** Sectors that one block of sector bitmaps speaks of. */
    private static final long SECTORS_PER_CHUNK = 1 << 23;

    /** Bytes of file type, headers and region tables. */
    private static final long BEGINNING = VhdxHeader.MIB;

    private static final int STATE = 7;
    private static final int NOT_PRESENT = 0;
    private static final int UNDEFINED = 1;
    private static final int ZERO = 2;
    private static final int UNMAPPED = 3;
    /** As drafts of the format had it. */
    private static final int UNMAPPED_IN_DRAFTS = 5;

    private static final int FULLY_PRESENT = 6;
    private static final int PARTIALLY_PRESENT = 7;

    private final MetadataReader file;
    private final VhdxHeader header;
    private final VhdxRegions regions;
    private final VhdxMetadata disk;

    private VhdxImage(MetadataReader file, VhdxHeader header, VhdxRegions regions, VhdxMetadata disk) {
        this.file = file;
        this.header = header;
        this.regions = regions;
        this.disk = disk;
    }

    /**
     * @param first the beginning of the file
     * @param tables used for as long as runs are read; whoever opened it closes it
     */
    public static VhdxImage open(byte[] first, long fileLength, RangeReader tables) {
        MetadataReader file = new MetadataReader(tables, first, fileLength, ByteOrder.LITTLE_ENDIAN);
        VhdxHeader header = VhdxHeader.current(file);
        VhdxRegions regions = VhdxRegions.read(file);
        VhdxImage image = new VhdxImage(file, header, regions, VhdxMetadata.read(file, regions.metadata()));
        image.checkTables();
        return image;
    }

    @Override
    public String format() {
        return "vhdx";
    }

    @Override
    public long virtualSize() {
        return disk.virtualSize();
    }

    @Override
    public long granularity() {
        return disk.blockSize();
    }

    @Override
    public Iterator<Run> runs(Known known) {
        DataArea area = new DataArea(VhdxHeader.REFUSAL, file.fileLength())
                .without(0, BEGINNING, "headers")
                .without(header.logOffset(), header.logLength(), "log")
                .without(regions.metadata().offset(), regions.metadata().length(), "metadata")
                .without(regions.blockTable().offset(), regions.blockTable().length(), "block table");
        return new JoinedRuns(virtualSize(), guest -> block(guest, area));
    }

    private Run block(long guest, DataArea area) {
        long length = Math.min(disk.blockSize(), virtualSize() - guest);
        long entry = file.read(
                        regions.blockTable().offset() + indexOf(guest / disk.blockSize()) * ENTRY_BYTES, ENTRY_BYTES)
                .getLong(0);
        return switch ((int) entry & STATE) {
            case NOT_PRESENT, UNDEFINED, ZERO, UNMAPPED, UNMAPPED_IN_DRAFTS -> new Run.Zero(guest, length);
            case FULLY_PRESENT -> area.data(guest, length, entry & -VhdxHeader.MIB);
            case PARTIALLY_PRESENT ->
                throw VhdxHeader.REFUSAL.hostile("part of the block for guest offset " + guest
                        + " is in another image, and dvflow never opens what an image names. Merge them first with"
                        + " Merge-VHD");
            default ->
                throw VhdxHeader.REFUSAL.corrupt("the block for guest offset " + guest + " has state " + (entry & STATE)
                        + ", which there is not");
        };
    }

    /** Behind the entries of every chunk comes one for its sector bitmaps. */
    private long indexOf(long block) {
        return block + block / (SECTORS_PER_CHUNK * SECTOR / disk.blockSize());
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A vhdx image has no compressed clusters");
    }

    private void checkTables() {
        long last = Math.ceilDiv(virtualSize(), disk.blockSize()) - 1;
        long needed = (indexOf(last) + 1) * ENTRY_BYTES;
        if (needed > regions.blockTable().length()) {
            throw VhdxHeader.REFUSAL.corrupt(
                    "its block table has " + regions.blockTable().length() + " bytes, its virtual size of "
                            + virtualSize() + " bytes needs " + needed);
        }
        if (!file.holds(header.logOffset(), header.logLength())) {
            throw VhdxHeader.REFUSAL.corrupt("its log of " + header.logLength() + " bytes lies at " + header.logOffset()
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
    }
}
