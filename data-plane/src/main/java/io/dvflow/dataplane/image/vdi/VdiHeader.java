package io.dvflow.dataplane.image.vdi;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Refusal;
import java.nio.ByteBuffer;

/**
 * The header of a VirtualBox disk image, version 1.1 (qemu: block/vdi.c), after every check that it alone allows.
 *
 * @param virtualSize bytes, rounded up to a sector, as VirtualBox itself makes images of odd sizes
 * @param mapOffset of the block map, an entry of four bytes for each block
 * @param dataOffset of block 0 of the file
 */
record VdiHeader(long virtualSize, long mapOffset, long dataOffset) {

    static final Refusal REFUSAL = new Refusal("vdi");
    /** No program writes another size, and qemu reads no other. */
    static final int BLOCK_SIZE = 1 << 20;

    static final int ENTRY_BYTES = 4;

    private static final int BYTES = 0x1c8;
    private static final int VERSION = 0x0001_0001;
    private static final int DYNAMIC = 1;
    private static final int FIXED = 2;
    private static final int UNDO = 3;
    private static final int DIFFERENCING = 4;
    /** As many blocks as a map of 4 GiB has. */
    private static final long LARGEST = 0x3fff_ffffL * BLOCK_SIZE;

    static VdiHeader parse(MetadataReader file) {
        if (!file.holds(0, BYTES)) {
            throw REFUSAL.corrupt("it ends within its header, after " + file.fileLength() + " bytes");
        }
        ByteBuffer b = file.read(0, BYTES);
        if (b.getInt(0x44) != VERSION) {
            throw REFUSAL.unsupported("it has version " + (b.getInt(0x44) >>> 16) + "." + (b.getInt(0x44) & 0xffff)
                    + "; 1.1 is read. Convert it with VBoxManage clonemedium");
        }
        checkStandsAlone(b);
        checkBlocks(b);
        long size = b.getLong(0x170);
        if (size < 0 || size > LARGEST) {
            throw REFUSAL.hostile("it claims a virtual size of " + Long.toUnsignedString(size) + " bytes");
        }
        VdiHeader header = new VdiHeader(
                Math.ceilDiv(size, DiskImage.SECTOR) * DiskImage.SECTOR,
                Integer.toUnsignedLong(b.getInt(0x154)),
                Integer.toUnsignedLong(b.getInt(0x158)));
        header.checkMap(file, Integer.toUnsignedLong(b.getInt(0x180)));
        return header;
    }

    /** Bytes of the block map that the disk needs. */
    long mapBytes() {
        return Math.ceilDiv(virtualSize, BLOCK_SIZE) * ENTRY_BYTES;
    }

    private static void checkStandsAlone(ByteBuffer b) {
        int type = b.getInt(0x4c);
        boolean parent =
                b.getLong(0x1a8) != 0 || b.getLong(0x1b0) != 0 || b.getLong(0x1b8) != 0 || b.getLong(0x1c0) != 0;
        if (type == UNDO || type == DIFFERENCING || parent) {
            throw REFUSAL.hostile("it holds only the differences to another image, and dvflow never opens what an image"
                    + " names. Merge them first with VBoxManage clonemedium");
        }
        if (type != DYNAMIC && type != FIXED) {
            throw REFUSAL.unsupported("it is of type " + Integer.toUnsignedString(type)
                    + "; 1 (dynamic) and 2 (fixed) are read. Convert it with VBoxManage clonemedium");
        }
    }

    private static void checkBlocks(ByteBuffer b) {
        long blockSize = Integer.toUnsignedLong(b.getInt(0x178));
        long extra = Integer.toUnsignedLong(b.getInt(0x17c));
        if (blockSize != BLOCK_SIZE || extra != 0) {
            throw REFUSAL.unsupported(
                    "its blocks have " + blockSize + " bytes and " + extra + " beside them; blocks of " + BLOCK_SIZE
                            + " bytes are read. Convert it with VBoxManage clonemedium");
        }
        if (b.getInt(0x168) != DiskImage.SECTOR) {
            throw REFUSAL.unsupported("its sectors have " + Integer.toUnsignedString(b.getInt(0x168))
                    + " bytes in place" + " of " + DiskImage.SECTOR);
        }
    }

    private void checkMap(MetadataReader file, long blocks) {
        if (virtualSize > blocks * BLOCK_SIZE) {
            throw REFUSAL.corrupt("its map has " + blocks + " blocks, its virtual size of " + virtualSize
                    + " bytes needs " + Math.ceilDiv(virtualSize, BLOCK_SIZE));
        }
        if (mapOffset < BYTES || !file.holds(mapOffset, mapBytes())) {
            throw REFUSAL.corrupt("its map of " + mapBytes() + " bytes lies at " + mapOffset + ", the file has "
                    + file.fileLength() + " bytes. Is it cut short?");
        }
        if (mapOffset % DiskImage.SECTOR != 0 || dataOffset % DiskImage.SECTOR != 0) {
            throw REFUSAL.corrupt(
                    "its map lies at " + mapOffset + " and its data at " + dataOffset + ", where no sector begins");
        }
    }
}
