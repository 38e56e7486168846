package io.dvflow.dataplane.unpack;

/**
 * How the blocks of an xz stream are protected.
 *
 * @param id 0 for not at all, 1 CRC32, 4 CRC64, 10 SHA-256; up to 15
 */
record XzCheck(int id) {

    private static final int[] BYTES = {0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64};

    int bytes() {
        return BYTES[id];
    }
}
