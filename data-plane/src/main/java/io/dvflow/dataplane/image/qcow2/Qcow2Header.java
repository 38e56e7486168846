package io.dvflow.dataplane.image.qcow2;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Refusal;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;

/**
 * The header of a qcow2 image, after every check that it alone allows (qemu: docs/interop/qcow2.txt).
 *
 * @param virtualSize bytes, rounded up to a sector
 * @param extendedL2 whether L2 entries carry the state of 32 subclusters
 */
record Qcow2Header(
        int version,
        int clusterBits,
        long virtualSize,
        long l1Offset,
        int l1Entries,
        boolean zstd,
        boolean extendedL2) {

    static final Refusal REFUSAL = new Refusal("qcow2");

    private static final int V2_BYTES = 72;
    private static final int V3_BYTES = 104;
    private static final int MIN_CLUSTER_BITS = 9;
    private static final int MAX_CLUSTER_BITS = 21;
    private static final int MIN_EXTENDED_L2_CLUSTER_BITS = 14;
    /** qemu's own limit: more than a disk of 2 PiB needs with clusters of the usual size. */
    private static final long MAX_L1_BYTES = 32L << 20;

    private static final int SUBCLUSTERS = 32;

    private static final long DIRTY = 1;
    private static final long CORRUPT = 1 << 1;
    private static final long EXTERNAL_DATA = 1 << 2;
    private static final long COMPRESSION_TYPE = 1 << 3;
    private static final long EXTENDED_L2 = 1 << 4;
    private static final long KNOWN = DIRTY | CORRUPT | EXTERNAL_DATA | COMPRESSION_TYPE | EXTENDED_L2;

    static Qcow2Header parse(byte[] first, long fileLength) {
        if (first.length < V2_BYTES) {
            throw corrupt("it ends within its header, after " + first.length + " bytes");
        }
        ByteBuffer b = ByteBuffer.wrap(first);
        int version = b.getInt(4);
        if (version != 2 && version != 3) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: the source is qcow version " + version
                            + ", which is not supported by this release; versions 1 to 3 are. Convert it with qemu-img"
                            + " convert -O qcow2");
        }
        checkStandsAlone(b);
        int clusterBits = b.getInt(20);
        if (clusterBits < MIN_CLUSTER_BITS || clusterBits > MAX_CLUSTER_BITS) {
            throw hostile("it claims clusters of 2^" + clusterBits + " bytes; 2^9 to 2^21 exist");
        }
        long features = version == 3 ? features(b, first.length) : 0;
        boolean extendedL2 = (features & EXTENDED_L2) != 0;
        if (extendedL2 && clusterBits < MIN_EXTENDED_L2_CLUSTER_BITS) {
            throw hostile("it claims subclusters in clusters of 2^" + clusterBits + " bytes, which are too small");
        }
        long size = b.getLong(24);
        if (size < 0 || size > Long.MAX_VALUE - DiskImage.SECTOR) {
            throw hostile("it claims a virtual size of " + Long.toUnsignedString(size) + " bytes");
        }
        Qcow2Header header = new Qcow2Header(
                version,
                clusterBits,
                Math.ceilDiv(size, DiskImage.SECTOR) * DiskImage.SECTOR,
                b.getLong(40),
                b.getInt(36),
                compressesWithZstd(b, features, first.length),
                extendedL2);
        header.checkTables(fileLength);
        return header;
    }

    int clusterSize() {
        return 1 << clusterBits;
    }

    int l2EntryBytes() {
        return extendedL2 ? 16 : 8;
    }

    int l2Entries() {
        return clusterSize() / l2EntryBytes();
    }

    /** Bytes of the disk that one L2 table describes. */
    long l2Span() {
        return (long) l2Entries() << clusterBits;
    }

    /** Smallest stretch that has a state of its own. */
    int subclusterSize() {
        return extendedL2 ? clusterSize() / SUBCLUSTERS : clusterSize();
    }

    private static void checkStandsAlone(ByteBuffer b) {
        if (b.getLong(8) != 0 || b.getInt(16) != 0) {
            throw hostile("it needs a backing file, and dvflow never opens what an image names. Flatten it first with"
                    + " qemu-img convert -O qcow2");
        }
        if (b.getInt(32) != 0) {
            throw hostile("it is encrypted (method " + b.getInt(32) + "). Decrypt it first with qemu-img convert");
        }
    }

    private static long features(ByteBuffer b, int available) {
        if (available < V3_BYTES) {
            throw corrupt("it ends within its header, after " + available + " bytes");
        }
        long features = b.getLong(72);
        int headerBytes = b.getInt(100);
        if (headerBytes < V3_BYTES || headerBytes % 8 != 0 || headerBytes > 1 << b.getInt(20)) {
            throw corrupt("its header claims to be " + headerBytes + " bytes long");
        }
        if ((features & EXTERNAL_DATA) != 0) {
            throw hostile("its data is in an external data file, and dvflow never opens what an image names. Flatten it"
                    + " first with qemu-img convert -O qcow2");
        }
        if ((features & CORRUPT) != 0) {
            throw corrupt("its own header marks it as corrupt. Repair it with qemu-img check -r all");
        }
        if ((features & ~KNOWN) != 0) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: the qcow2 image uses features that are not supported by this release"
                            + " (incompatible feature bits 0x" + Long.toHexString(features & ~KNOWN)
                            + "). Convert it with qemu-img convert -O qcow2");
        }
        return features;
    }

    private static boolean compressesWithZstd(ByteBuffer b, long features, int available) {
        boolean stated = (features & COMPRESSION_TYPE) != 0;
        int type = stated && available > V3_BYTES && b.getInt(100) > V3_BYTES ? b.get(V3_BYTES) & 0xff : 0;
        if (type > 1 || stated && type == 0) {
            throw corrupt("it states compression type " + type + "; the types are 0 (zlib) and 1 (zstd)");
        }
        return type == 1;
    }

    private void checkTables(long fileLength) {
        long needed = Math.ceilDiv(virtualSize, l2Span());
        if (l1Entries < 0 || l1Entries < needed) {
            throw corrupt("its L1 table has " + Integer.toUnsignedString(l1Entries) + " entries, its virtual size of "
                    + virtualSize + " bytes needs " + needed);
        }
        long bytes = 8L * l1Entries;
        if (bytes > MAX_L1_BYTES) {
            throw hostile("its L1 table claims " + bytes + " bytes; " + MAX_L1_BYTES + " are the most that make sense");
        }
        boolean inside = l1Offset >= 0 && l1Offset <= fileLength - bytes;
        if (needed > 0 && (!inside || l1Offset % clusterSize() != 0)) {
            throw corrupt(
                    "its L1 table lies at " + l1Offset + ", the file has " + fileLength + " bytes. Is it cut short?");
        }
    }

    static TransferFailure corrupt(String what) {
        return REFUSAL.corrupt(what);
    }

    static TransferFailure hostile(String what) {
        return REFUSAL.hostile(what);
    }
}
