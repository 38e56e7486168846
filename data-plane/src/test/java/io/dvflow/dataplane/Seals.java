package io.dvflow.dataplane;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Makes check sums right again after a change, by the formats' specifications and not by the code under test. */
final class Seals {

    private static final int KIB = 1024;

    private Seals() {}

    /** Footer's copy and header at the beginning of a dynamic disk, as qemu-img places them; big-endian. */
    static void sealVhd(ByteBuffer b) {
        sum(b, 0, 512, 64);
        sum(b, 512, 1024, 36);
    }

    /** The footer in the last sector of a fixed disk; big-endian. */
    static void sealFixedVhd(ByteBuffer b) {
        sum(b, b.capacity() - 512, 512, 64);
    }

    /** Both headers and both region tables; little-endian. */
    static void sealVhdx(ByteBuffer b) {
        crc(b, 64 * KIB, 4 * KIB);
        crc(b, 128 * KIB, 4 * KIB);
        crc(b, 192 * KIB, 64 * KIB);
        crc(b, 256 * KIB, 64 * KIB);
    }

    private static void sum(ByteBuffer b, int from, int length, int sumAt) {
        b.putInt(from + sumAt, 0);
        int sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += b.get(i) & 0xff;
        }
        b.putInt(from + sumAt, ~sum);
    }

    private static void crc(ByteBuffer b, int from, int length) {
        b.putInt(from + 4, 0);
        CRC32C crc = new CRC32C();
        crc.update(b.slice(from, length));
        b.putInt(from + 4, (int) crc.getValue());
    }
}
