package io.dvflow.dataplane.copy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Finds zeros in data, block by block. */
final class ZeroScan {

    static final int BLOCK = 4096;

    private static final MemorySegment ZEROS = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(BLOCK));

    private ZeroScan() {}

    /** Where the run of all-zero blocks that begins at {@code from} ends; {@code from} itself if there is none. */
    static int zerosEnd(MemorySegment data, int from, int limit) {
        int at = from;
        while (at < limit && isZero(data, at, Math.min(BLOCK, limit - at))) {
            at += Math.min(BLOCK, limit - at);
        }
        return at;
    }

    static boolean isZero(MemorySegment data, int from, int length) {
        return MemorySegment.mismatch(data, from, from + length, ZEROS, 0, length) < 0;
    }
}
