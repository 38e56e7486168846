package io.dvflow.dataplane.image.vmdk;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Refusal;
import java.nio.ByteBuffer;

/**
 * The header of a sparse extent of VMware, after every check that it alone allows (qemu: block/vmdk.c). The second grain
 * directory is for repairs; like qemu, this reads the first.
 *
 * @param capacity sectors of the virtual disk
 * @param grainSectors sectors of a grain
 * @param tableEntries grains that a grain table tells of
 * @param directoryOffset bytes from the beginning of the file
 * @param descriptorOffset likewise; 0 if there is none
 * @param overhead bytes at the beginning of the file before the first grain
 * @param compressed whether each grain is compressed and has a marker before it
 * @param zeroedGrains whether entry 1 of a grain table means zeros
 */
record VmdkHeader(
        long capacity,
        int grainSectors,
        int tableEntries,
        long directoryOffset,
        long descriptorOffset,
        long descriptorBytes,
        long overhead,
        boolean compressed,
        boolean zeroedGrains) {

    static final Refusal REFUSAL = new Refusal("vmdk");
    static final int ENTRY_BYTES = 4;

    private static final int SECTOR = DiskImage.SECTOR;
    private static final int BYTES = SECTOR;
    private static final int NEWEST_VERSION = 3;
    private static final int SMALLEST_GRAIN = 8;
    /** Two MiB; a decoder holds one. */
    private static final int LARGEST_GRAIN = 4096;

    private static final int MOST_TABLE_ENTRIES = 512;

    private static final int LINE_ENDS_CHECKED = 1;
    private static final int ZEROED_GRAINS = 1 << 2;
    private static final int MARKERS = 1 << 17;
    private static final int LINE_ENDS = 0x0a0d_200a;
    private static final int DEFLATE = 1;

    /** In place of the directory's offset: it is in the copy of the header at the end, which was written last. */
    private static final long AT_THE_END = -1;

    private static final int FOOTER_MARKER = 3;
    private static final int END_OF_STREAM = 0;

    static VmdkHeader parse(MetadataReader file) {
        ByteBuffer first = beginning(file);
        boolean atTheEnd = first.getLong(56) == AT_THE_END;
        ByteBuffer b = atTheEnd ? footer(file, first.getInt(0)) : first;
        checkReadable(b);
        VmdkHeader header = new VmdkHeader(
                capacity(b.getLong(12)),
                grain(b.getLong(20)),
                tableEntries(b.getInt(44)),
                bytes(b.getLong(56), file, "grain directory"),
                bytes(first.getLong(28), file, "descriptor"),
                bytes(first.getLong(36), file, "descriptor"),
                bytes(b.getLong(64), file, "first grain"),
                (b.getShort(77) & 0xffff) == DEFLATE,
                (b.getInt(8) & ZEROED_GRAINS) != 0);
        header.checkTables(file);
        return header;
    }

    /** What writes an image as a stream knows the size of the disk from the start, and names only the directory at the end. */
    static long virtualSizeAtBeginning(MetadataReader file) {
        ByteBuffer first = beginning(file);
        if (first.getLong(56) != AT_THE_END) {
            return parse(file).virtualSize();
        }
        return isCapacity(first.getLong(12)) ? first.getLong(12) * SECTOR : 0;
    }

    private static ByteBuffer beginning(MetadataReader file) {
        if (!file.holds(0, BYTES)) {
            throw REFUSAL.corrupt("it ends within its header, after " + file.fileLength() + " bytes");
        }
        return file.read(0, BYTES);
    }

    long virtualSize() {
        return capacity * SECTOR;
    }

    int grainBytes() {
        return grainSectors * SECTOR;
    }

    /** Bytes of the disk that one grain table tells of. */
    long tableSpan() {
        return (long) tableEntries * grainBytes();
    }

    long directoryBytes() {
        return Math.ceilDiv(virtualSize(), tableSpan()) * ENTRY_BYTES;
    }

    /** The header behind the footer's marker and before the end-of-stream marker, a sector each. */
    private static ByteBuffer footer(MetadataReader file, int magic) {
        long from = file.fileLength() - 3L * SECTOR;
        if (from < BYTES) {
            throw REFUSAL.corrupt("its grain directory should be at its end, but it has only " + file.fileLength()
                    + " bytes. Is it cut short?");
        }
        ByteBuffer end = file.read(from, 3 * SECTOR);
        ByteBuffer footer = end.slice(SECTOR, SECTOR).order(end.order());
        boolean whole = isMarker(end, 0, FOOTER_MARKER)
                && footer.getInt(0) == magic
                && isMarker(end, 2 * SECTOR, END_OF_STREAM);
        if (!whole || footer.getLong(56) == AT_THE_END) {
            throw REFUSAL.corrupt("its grain directory should be named at its end, after " + file.fileLength()
                    + " bytes, but there is no footer. Is it cut short?");
        }
        return footer;
    }

    private static boolean isMarker(ByteBuffer b, int at, int type) {
        return b.getInt(at + 8) == 0 && b.getInt(at + 12) == type;
    }

    private static void checkReadable(ByteBuffer b) {
        int version = b.getInt(4);
        if (version < 1 || version > NEWEST_VERSION) {
            throw REFUSAL.unsupported("it has version " + Integer.toUnsignedString(version)
                    + "; versions 1 to 3 are read. Convert it with qemu-img convert -O qcow2");
        }
        int flags = b.getInt(8);
        if ((flags & LINE_ENDS_CHECKED) != 0 && b.getInt(73) != LINE_ENDS) {
            throw REFUSAL.corrupt("its line ends have been changed, as by a transfer in text mode. Transfer it again in"
                    + " binary mode");
        }
        int compression = b.getShort(77) & 0xffff;
        if (compression > DEFLATE || compression == DEFLATE && (flags & MARKERS) == 0) {
            throw REFUSAL.unsupported("it is compressed by method " + compression + " with flags 0x"
                    + Integer.toHexString(flags) + "; deflate with markers is read. Convert it with qemu-img convert -O"
                    + " qcow2");
        }
    }

    private static boolean isCapacity(long sectors) {
        return sectors > 0 && sectors <= Long.MAX_VALUE / SECTOR / 2;
    }

    private static long capacity(long sectors) {
        if (!isCapacity(sectors)) {
            throw REFUSAL.hostile("it claims a virtual size of " + Long.toUnsignedString(sectors) + " sectors");
        }
        return sectors;
    }

    private static int grain(long sectors) {
        if (Long.bitCount(sectors) != 1 || sectors < SMALLEST_GRAIN || sectors > LARGEST_GRAIN) {
            throw REFUSAL.hostile("it claims grains of " + Long.toUnsignedString(sectors)
                    + " sectors; powers of two from " + SMALLEST_GRAIN + " to " + LARGEST_GRAIN + " make sense");
        }
        return (int) sectors;
    }

    private static int tableEntries(int entries) {
        if (entries < 1 || entries > MOST_TABLE_ENTRIES) {
            throw REFUSAL.hostile("it claims grain tables of " + Integer.toUnsignedString(entries) + " entries; "
                    + MOST_TABLE_ENTRIES + " are the most");
        }
        return entries;
    }

    /** Bytes in sectors, which lie inside the file. */
    private static long bytes(long sectors, MetadataReader file, String what) {
        if (sectors < 0 || sectors > file.fileLength() / SECTOR) {
            throw REFUSAL.corrupt("its " + what + " is at or has " + Long.toUnsignedString(sectors)
                    + " sectors, the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
        return sectors * SECTOR;
    }

    private void checkTables(MetadataReader file) {
        if (directoryOffset < BYTES || !file.holds(directoryOffset, directoryBytes())) {
            throw REFUSAL.corrupt("its grain directory of " + directoryBytes() + " bytes lies at " + directoryOffset
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
    }
}
