package io.dvflow.dataplane.image.qcow;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Refusal;
import java.nio.ByteBuffer;

/**
 * The header of a qcow image, version 1, after every check that it alone allows (qemu: block/qcow.c).
 *
 * @param virtualSize bytes, rounded up to a sector
 * @param l2Bits of the number of entries in an L2 table
 */
record QcowHeader(int clusterBits, int l2Bits, long virtualSize, long l1Offset) {

    static final Refusal REFUSAL = new Refusal("qcow");
    static final int BYTES = 48;
    static final int ENTRY_BYTES = 8;

    private static final int MIN_CLUSTER_BITS = 9;
    private static final int MAX_CLUSTER_BITS = 16;
    private static final int MIN_L2_BITS = 6;
    private static final int MAX_L2_BITS = 13;

    static QcowHeader parse(MetadataReader file) {
        if (!file.holds(0, BYTES)) {
            throw REFUSAL.corrupt("it ends within its header, after " + file.fileLength() + " bytes");
        }
        ByteBuffer b = file.read(0, BYTES);
        if (b.getLong(8) != 0 || b.getInt(16) != 0) {
            throw REFUSAL.hostile(
                    "it needs a backing file, and dvflow never opens what an image names. Flatten it first"
                            + " with qemu-img convert -O qcow2");
        }
        if (b.getInt(36) != 0) {
            throw REFUSAL.hostile(
                    "it is encrypted (method " + b.getInt(36) + "). Decrypt it first with qemu-img convert");
        }
        int clusterBits = b.get(32) & 0xff;
        int l2Bits = b.get(33) & 0xff;
        if (clusterBits < MIN_CLUSTER_BITS
                || clusterBits > MAX_CLUSTER_BITS
                || l2Bits < MIN_L2_BITS
                || l2Bits > MAX_L2_BITS) {
            throw REFUSAL.hostile("it claims clusters of 2^" + clusterBits + " bytes and tables of 2^" + l2Bits
                    + " entries; 2^9 to 2^16 and 2^6 to 2^13 exist");
        }
        long size = b.getLong(24);
        if (size <= 1 || size > Long.MAX_VALUE / 2) {
            throw REFUSAL.hostile("it claims a virtual size of " + Long.toUnsignedString(size) + " bytes");
        }
        QcowHeader header = new QcowHeader(
                clusterBits, l2Bits, Math.ceilDiv(size, DiskImage.SECTOR) * DiskImage.SECTOR, b.getLong(40));
        header.checkL1(file);
        return header;
    }

    int clusterSize() {
        return 1 << clusterBits;
    }

    int l2Bytes() {
        return ENTRY_BYTES << l2Bits;
    }

    /** Bytes of the disk that one L2 table describes. */
    long l2Span() {
        return 1L << (clusterBits + l2Bits);
    }

    long l1Bytes() {
        return Math.ceilDiv(virtualSize, l2Span()) * ENTRY_BYTES;
    }

    private void checkL1(MetadataReader file) {
        if (l1Offset < BYTES || !file.holds(l1Offset, l1Bytes())) {
            throw REFUSAL.corrupt("its L1 table of " + l1Bytes() + " bytes lies at " + Long.toUnsignedString(l1Offset)
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
    }
}
