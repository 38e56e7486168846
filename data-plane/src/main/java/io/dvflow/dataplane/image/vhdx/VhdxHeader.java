package io.dvflow.dataplane.image.vhdx;

import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Refusal;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The header of a Hyper-V disk (MS-VHDX 2.2; qemu: block/vhdx.c). There are two, written in turn; the one with the higher
 * sequence number counts, if its check sum is right.
 */
record VhdxHeader(long logOffset, long logLength) {

    static final Refusal REFUSAL = new Refusal("vhdx");
    static final long MIB = 1 << 20;

    private static final long[] PLACES = {64 << 10, 128 << 10};
    private static final int BYTES = 4096;
    private static final int SIGNATURE = 0x6461_6568;
    private static final int VERSION = 1;

    /** The header that counts, of an image whose log holds nothing that is still to be done. */
    static VhdxHeader current(MetadataReader file) {
        Optional<ByteBuffer> current = Optional.empty();
        for (long place : PLACES) {
            Optional<ByteBuffer> header = valid(file, place);
            if (header.isPresent() && (current.isEmpty() || isNewer(header.get(), current.get()))) {
                current = header;
            }
        }
        return parse(
                current.orElseThrow(() -> REFUSAL.corrupt("neither of its headers is whole: the check sums are wrong,"
                        + " or the file of " + file.fileLength() + " bytes is cut short")));
    }

    /** Whether the bytes have the signature, and beside it the check sum of all but itself. */
    static boolean isWhole(ByteBuffer b, int signature) {
        if (b.getInt(0) != signature) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(b.slice(0, 4));
        crc.update(new byte[4]);
        crc.update(b.slice(8, b.capacity() - 8));
        return (int) crc.getValue() == b.getInt(4);
    }

    private static Optional<ByteBuffer> valid(MetadataReader file, long place) {
        if (!file.holds(place, BYTES)) {
            return Optional.empty();
        }
        ByteBuffer b = file.read(place, BYTES);
        return isWhole(b, SIGNATURE) ? Optional.of(b) : Optional.empty();
    }

    private static boolean isNewer(ByteBuffer header, ByteBuffer other) {
        return Long.compareUnsigned(header.getLong(8), other.getLong(8)) > 0;
    }

    private static VhdxHeader parse(ByteBuffer b) {
        int version = b.getShort(66) & 0xffff;
        if (version != VERSION) {
            throw REFUSAL.unsupported("it has version " + version + "; " + VERSION + " is read");
        }
        if (b.getLong(48) != 0 || b.getLong(56) != 0) {
            throw REFUSAL.unsupported("it was not closed properly, and its log holds changes that are still to be made."
                    + " Mount it once in Windows, or run qemu-img check -r all on it");
        }
        long logLength = Integer.toUnsignedLong(b.getInt(68));
        long logOffset = b.getLong(72);
        if (logOffset < 0 || logOffset % MIB != 0 || logLength % MIB != 0 || logLength > 0 && logOffset < MIB) {
            throw REFUSAL.corrupt("its log of " + logLength + " bytes lies at " + Long.toUnsignedString(logOffset));
        }
        return new VhdxHeader(logOffset, logLength);
    }
}
