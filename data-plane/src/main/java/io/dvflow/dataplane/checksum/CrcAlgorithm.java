package io.dvflow.dataplane.checksum;

import java.util.Optional;

/**
 * The cyclic redundancy checks that stores of objects offer, all of the reflected kind that begins with ones and inverts its
 * result. They find what was damaged, not what was forged: nobody but a server may ask for one.
 */
enum CrcAlgorithm implements Algorithm {
    CRC64NVME(8, 0x9A6C_9329_AC4B_C9B5L),
    CRC32C(4, 0x82F6_3B78L),
    CRC32(4, 0xEDB8_8320L);

    private final int digestBytes;
    private final long polynomial;

    /** @param polynomial reflected: the highest power is the lowest bit */
    CrcAlgorithm(int digestBytes, long polynomial) {
        this.digestBytes = digestBytes;
        this.polynomial = polynomial;
    }

    static Optional<CrcAlgorithm> of(String name) {
        return Algorithm.named(name, values());
    }

    @Override
    public int digestBytes() {
        return digestBytes;
    }

    @Override
    public RunningDigest start() {
        return new Crc(this);
    }

    @Override
    public boolean fits(RunningDigest.State state, long length) {
        return state.chain().length == digestBytes && state.rest().length == 0;
    }

    /** As many ones as the check has bits. */
    long ones() {
        return -1L >>> (Long.SIZE - digestBytes * Byte.SIZE);
    }

    long polynomial() {
        return polynomial;
    }
}
