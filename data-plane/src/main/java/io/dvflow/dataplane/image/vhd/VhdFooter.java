package io.dvflow.dataplane.image.vhd;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The last sector of a virtual hard disk of Virtual PC and Hyper-V, of which all but fixed disks have a copy at the
 * beginning.
 *
 * @param virtualSize bytes that a guest sees
 * @param dataOffset of the header that follows in all but fixed disks
 */
record VhdFooter(int type, long virtualSize, long dataOffset) {

    static final Refusal REFUSAL = new Refusal("vhd");
    static final int BYTES = 512;
    static final int DYNAMIC = 3;
    static final int DIFFERENCING = 4;

    private static final int FIXED = 2;
    private static final byte[] COOKIE = "conectix".getBytes(StandardCharsets.ISO_8859_1);
    private static final int CHECKSUM = 64;
    /** Cylinders, heads and sectors when the disk is too large to be told in them. */
    private static final long TOP_OF_GEOMETRY = 65535L * 16 * 255;
    /** The format's own limit, 2040 GiB. */
    private static final long LARGEST = 0xff00_0000L * DiskImage.SECTOR;

    /** Whether this is the footer of a fixed disk with that many bytes before it. */
    static boolean isOfFixedDisk(ByteBuffer b, long bytesBefore) {
        return isOne(b) && b.getInt(60) == FIXED && b.getLong(48) == bytesBefore;
    }

    private static boolean isOne(ByteBuffer b) {
        byte[] cookie = new byte[COOKIE.length];
        b.get(0, cookie);
        return Arrays.equals(cookie, COOKIE) && b.getInt(CHECKSUM) == sum(b, BYTES, CHECKSUM);
    }

    /** @param b a footer, big-endian as all of the format */
    static VhdFooter parse(ByteBuffer b) {
        if (!isOne(b)) {
            throw REFUSAL.corrupt("the check sum of its footer is 0x" + Integer.toHexString(b.getInt(CHECKSUM))
                    + ", of what the footer holds it is 0x" + Integer.toHexString(sum(b, BYTES, CHECKSUM)));
        }
        long current = b.getLong(48);
        long virtual =
                isToldInGeometry(b) ? geometry(b) * DiskImage.SECTOR : current / DiskImage.SECTOR * DiskImage.SECTOR;
        if (virtual <= 0 || virtual > LARGEST) {
            throw REFUSAL.hostile(
                    "it claims a virtual size of " + Long.toUnsignedString(virtual) + " bytes; 2040 GiB are the most");
        }
        return new VhdFooter(b.getInt(60), virtual, b.getLong(16));
    }

    /** The complement of the sum of all bytes but those of the check sum itself, which is how both headers have it. */
    static int sum(ByteBuffer b, int length, int checksumAt) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            if (i < checksumAt || i >= checksumAt + 4) {
                sum += b.get(i) & 0xff;
            }
        }
        return ~sum;
    }

    /**
     * Virtual PC, and qemu in its place, show a guest what cylinders, heads and sectors make, which is a little less
     * than the size beside them; every other program means the size (qemu: block/vpc.c; older versions also took the
     * geometry of programs that they did not know, and so cut disks of Azure).
     */
    private static boolean isToldInGeometry(ByteBuffer b) {
        byte[] creator = new byte[4];
        b.get(28, creator);
        String name = new String(creator, StandardCharsets.ISO_8859_1);
        return (name.equals("vpc ") || name.equals("qemu")) && geometry(b) != TOP_OF_GEOMETRY;
    }

    private static long geometry(ByteBuffer b) {
        return (long) (b.getShort(56) & 0xffff) * (b.get(58) & 0xff) * (b.get(59) & 0xff);
    }
}
