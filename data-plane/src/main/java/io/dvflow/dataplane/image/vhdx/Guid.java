package io.dvflow.dataplane.image.vhdx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;

/** GUIDs as Microsoft stores them: the first three of their five numbers little-endian, the others as bytes. */
final class Guid {

    private Guid() {}

    static UUID at(ByteBuffer littleEndian, int offset) {
        long first = Integer.toUnsignedLong(littleEndian.getInt(offset)) << 32
                | (littleEndian.getShort(offset + 4) & 0xffffL) << 16
                | littleEndian.getShort(offset + 6) & 0xffffL;
        long last = littleEndian.duplicate().order(ByteOrder.BIG_ENDIAN).getLong(offset + 8);
        return new UUID(first, last);
    }
}
