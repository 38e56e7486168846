package io.dvflow.dataplane.image.vhd;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Opens virtual hard disks of Virtual PC and Hyper-V, dynamic and fixed ones. */
public final class VhdImage {

    static final String FORMAT = "vpc";

    /** What the sizes of nearly all raw disks are multiples of, and a fixed disk with its footer is not. */
    private static final int USUAL_BLOCK = 4096;

    private VhdImage() {}

    /**
     * Whether a file without any signature may be a fixed disk, so that its last sector is worth a request.
     *
     * @param length bytes of the file
     */
    public static boolean mayBeFixed(long length) {
        return length > VhdFooter.BYTES && length % DiskImage.SECTOR == 0 && length % USUAL_BLOCK != 0;
    }

    /**
     * Whether a file without any signature is a fixed disk: there is a footer at its end, and it speaks of exactly this
     * file. A raw disk with a fixed one somewhere inside, though it be at the very end, is not.
     *
     * @param length bytes of the file, one that {@link #mayBeFixed}
     */
    public static boolean isFixed(long length, RangeReader reader) {
        return VhdFooter.isOfFixedDisk(lastSector(length, reader), length - VhdFooter.BYTES);
    }

    /**
     * @param first the beginning of the file
     * @param tables used for as long as runs are read; whoever opened it closes it
     */
    public static DiskImage openDynamic(byte[] first, long fileLength, RangeReader tables) {
        return DynamicVhd.open(new MetadataReader(tables, first, fileLength, ByteOrder.BIG_ENDIAN));
    }

    /** Size of the disk in a dynamic image that begins so, however long its file may be. */
    public static long dynamicVirtualSize(byte[] first) {
        return DynamicVhd.footer(MetadataReader.ofBeginning(first, ByteOrder.BIG_ENDIAN))
                .virtualSize();
    }

    /** @param tables of a file that {@link #isFixed} */
    public static DiskImage openFixed(long fileLength, RangeReader tables) {
        VhdFooter footer = VhdFooter.parse(lastSector(fileLength, tables));
        if (footer.virtualSize() > fileLength - VhdFooter.BYTES) {
            throw VhdFooter.REFUSAL.corrupt("cylinders, heads and sectors in its footer make " + footer.virtualSize()
                    + " bytes, before the footer are " + (fileLength - VhdFooter.BYTES));
        }
        return new FixedVhd(footer.virtualSize());
    }

    private static ByteBuffer lastSector(long length, RangeReader reader) {
        ByteBuffer last = ByteBuffer.allocate(VhdFooter.BYTES);
        reader.start(length - VhdFooter.BYTES, length);
        reader.readFully(last);
        return last;
    }
}
