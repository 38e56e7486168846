package io.dvflow.dataplane.image.vhd;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DataArea;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.JoinedRuns;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;

/**
 * A virtual hard disk whose blocks lie anywhere in the file, each behind a bitmap of its sectors. The bitmaps say
 * something only of differencing disks; here every sector of a block that is there counts, as for qemu
 * (block/vpc.c), so that they need not be fetched.
 */
final class DynamicVhd implements DiskImage {

    private static final int HEADER_BYTES = 1024;
    private static final int CHECKSUM = 36;
    private static final byte[] COOKIE = "cxsparse".getBytes(StandardCharsets.ISO_8859_1);
    private static final int ENTRY_BYTES = 4;
    private static final int ABSENT = -1;
    private static final int LARGEST_BLOCK = 256 << 20;

    private final VhdFooter footer;
    private final MetadataReader file;
    private final long tableOffset;
    private final int blockSize;

    private DynamicVhd(VhdFooter footer, MetadataReader file, long tableOffset, int blockSize) {
        this.footer = footer;
        this.file = file;
        this.tableOffset = tableOffset;
        this.blockSize = blockSize;
    }

    static DynamicVhd open(MetadataReader file) {
        VhdFooter footer = footer(file);
        if (!file.holds(footer.dataOffset(), HEADER_BYTES)) {
            throw VhdFooter.REFUSAL.corrupt("its header lies at " + Long.toUnsignedString(footer.dataOffset())
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
        ByteBuffer header = file.read(footer.dataOffset(), HEADER_BYTES);
        checkHeader(header);
        DynamicVhd disk = new DynamicVhd(footer, file, header.getLong(16), header.getInt(32));
        disk.checkTable(Integer.toUnsignedLong(header.getInt(28)));
        return disk;
    }

    /** The copy of the footer at the beginning. */
    static VhdFooter footer(MetadataReader file) {
        if (!file.holds(0, VhdFooter.BYTES)) {
            throw VhdFooter.REFUSAL.corrupt("it ends within its footer's copy, after " + file.fileLength() + " bytes");
        }
        VhdFooter footer = VhdFooter.parse(file.read(0, VhdFooter.BYTES));
        checkType(footer);
        return footer;
    }

    @Override
    public String format() {
        return VhdImage.FORMAT;
    }

    @Override
    public long virtualSize() {
        return footer.virtualSize();
    }

    @Override
    public long granularity() {
        return blockSize;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        DataArea area = new DataArea(VhdFooter.REFUSAL, file.fileLength())
                .without(0, VhdFooter.BYTES, "footer's copy")
                .without(footer.dataOffset(), HEADER_BYTES, "header")
                .without(tableOffset, blocks() * ENTRY_BYTES, "block table");
        return new JoinedRuns(virtualSize(), guest -> block(guest, area));
    }

    private Run block(long guest, DataArea area) {
        long length = Math.min(blockSize, virtualSize() - guest);
        int sector = file.read(tableOffset + guest / blockSize * ENTRY_BYTES, ENTRY_BYTES)
                .getInt(0);
        return sector == ABSENT
                ? new Run.Zero(guest, length)
                : area.data(guest, length, Integer.toUnsignedLong(sector) * SECTOR + bitmapBytes());
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A vhd image has no compressed clusters");
    }

    /** A bit for each sector, in whole sectors. */
    private long bitmapBytes() {
        return Math.ceilDiv(blockSize / SECTOR / 8, SECTOR) * (long) SECTOR;
    }

    private long blocks() {
        return Math.ceilDiv(virtualSize(), blockSize);
    }

    private static void checkType(VhdFooter footer) {
        if (footer.type() == VhdFooter.DIFFERENCING) {
            throw VhdFooter.REFUSAL.hostile(
                    "it holds only the differences to another image, and dvflow never opens what"
                            + " an image names. Merge them first with Merge-VHD");
        }
        if (footer.type() != VhdFooter.DYNAMIC) {
            throw VhdFooter.REFUSAL.corrupt("it claims to be of type " + Integer.toUnsignedString(footer.type())
                    + "; a footer at the beginning is of type 3 (dynamic)");
        }
    }

    private static void checkHeader(ByteBuffer header) {
        byte[] cookie = new byte[COOKIE.length];
        header.get(0, cookie);
        int sum = VhdFooter.sum(header, HEADER_BYTES, CHECKSUM);
        if (!Arrays.equals(cookie, COOKIE) || header.getInt(CHECKSUM) != sum) {
            throw VhdFooter.REFUSAL.corrupt("where its header should be is none, or one with a wrong check sum");
        }
        int blockSize = header.getInt(32);
        if (Integer.bitCount(blockSize) != 1 || blockSize < SECTOR || blockSize > LARGEST_BLOCK) {
            throw VhdFooter.REFUSAL.hostile("it claims blocks of " + Integer.toUnsignedString(blockSize)
                    + " bytes; powers of two from " + SECTOR + " to " + LARGEST_BLOCK + " make sense");
        }
    }

    private void checkTable(long entries) {
        if (entries < blocks()) {
            throw VhdFooter.REFUSAL.corrupt("its block table has " + entries + " entries, its virtual size of "
                    + virtualSize() + " bytes needs " + blocks());
        }
        if (!file.holds(tableOffset, blocks() * ENTRY_BYTES)) {
            throw VhdFooter.REFUSAL.corrupt("its block table lies at " + Long.toUnsignedString(tableOffset)
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
    }
}
