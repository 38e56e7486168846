package io.dvflow.dataplane.checksum;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A cyclic redundancy check, eight bytes at a time ("slicing by 8", Kounavis and Berry 2005). The JVM's own cannot be taken up
 * where another process stood.
 */
final class Crc implements RunningDigest {

    private static final ValueLayout.OfLong WORD = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Bytes that are looked up at a time. */
    private static final int SLICES = 8;

    private static final int ENTRIES = 256;

    private final CrcAlgorithm algorithm;
    /** For each of the bytes that are taken at a time, from the last on, what each value of it comes to. */
    private final long[][] tables;

    private long value;

    Crc(CrcAlgorithm algorithm) {
        this.algorithm = algorithm;
        this.tables = tables(algorithm.polynomial());
        this.value = algorithm.ones();
    }

    @Override
    public void goOnFrom(State state, long hashed) {
        byte[] padded = new byte[Long.BYTES];
        System.arraycopy(state.chain(), 0, padded, Long.BYTES - state.chain().length, state.chain().length);
        value = ByteBuffer.wrap(padded).getLong();
    }

    @Override
    public State state() {
        return new State(bytes(value), new byte[0]);
    }

    @Override
    public void update(MemorySegment bytes) {
        long crc = value;
        long at = 0;
        for (long end = bytes.byteSize() - Long.BYTES; at <= end; at += Long.BYTES) {
            long word = bytes.get(WORD, at) ^ crc;
            crc = tables[7][(int) word & 0xff]
                    ^ tables[6][(int) (word >>> 8) & 0xff]
                    ^ tables[5][(int) (word >>> 16) & 0xff]
                    ^ tables[4][(int) (word >>> 24) & 0xff]
                    ^ tables[3][(int) (word >>> 32) & 0xff]
                    ^ tables[2][(int) (word >>> 40) & 0xff]
                    ^ tables[1][(int) (word >>> 48) & 0xff]
                    ^ tables[0][(int) (word >>> 56) & 0xff];
        }
        for (; at < bytes.byteSize(); at++) {
            crc = (crc >>> Byte.SIZE) ^ tables[0][(int) (crc ^ bytes.get(JAVA_BYTE, at)) & 0xff];
        }
        value = crc;
    }

    @Override
    public byte[] digest() {
        return bytes(value ^ algorithm.ones());
    }

    @Override
    public void close() {
        // Nothing is held.
    }

    private byte[] bytes(long number) {
        byte[] all = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        return Arrays.copyOfRange(all, Long.BYTES - algorithm.digestBytes(), Long.BYTES);
    }

    private static long[][] tables(long polynomial) {
        long[][] tables = new long[SLICES][ENTRIES];
        for (int value = 0; value < ENTRIES; value++) {
            long crc = value;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : polynomial);
            }
            tables[0][value] = crc;
        }
        for (int slice = 1; slice < SLICES; slice++) {
            for (int value = 0; value < ENTRIES; value++) {
                long before = tables[slice - 1][value];
                tables[slice][value] = (before >>> Byte.SIZE) ^ tables[0][(int) (before & 0xff)];
            }
        }
        return tables;
    }
}
