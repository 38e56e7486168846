package io.dvflow.dataplane.unpack;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/** The first and the last twelve bytes of an xz stream (the .xz file format, version 1.2.1). */
final class XzFrame {

    static final int BYTES = 12;

    private static final byte[] MAGIC = {(byte) 0xfd, '7', 'z', 'X', 'Z', 0};

    private XzFrame() {}

    /** What a header says; empty if it is none. */
    static Optional<XzCheck> header(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean right = Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length)
                && crc(bytes, 6, 2) == Integer.toUnsignedLong(b.getInt(8));
        return right ? flags(bytes[6], bytes[7]) : Optional.empty();
    }

    /**
     * What a footer says.
     *
     * @param indexBytes length of the index before it
     */
    record Footer(XzCheck check, long indexBytes) {}

    /** Empty if it is none. */
    static Optional<Footer> footer(byte[] bytes) {
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean right = bytes[10] == 'Y' && bytes[11] == 'Z' && crc(bytes, 4, 6) == Integer.toUnsignedLong(b.getInt(0));
        long indexBytes = (Integer.toUnsignedLong(b.getInt(4)) + 1) * 4;
        return right ? flags(bytes[8], bytes[9]).map(check -> new Footer(check, indexBytes)) : Optional.empty();
    }

    private static Optional<XzCheck> flags(byte first, byte second) {
        return first == 0 && (second & 0xf0) == 0 ? Optional.of(new XzCheck(second)) : Optional.empty();
    }

    private static long crc(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return crc.getValue();
    }
}
