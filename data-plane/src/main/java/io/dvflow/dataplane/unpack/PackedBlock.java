package io.dvflow.dataplane.unpack;

/**
 * A part of a packed source that can be unpacked without the rest: an xz block, a zstd frame.
 *
 * @param host where its packed bytes begin
 * @param hostLength how many there are
 * @param start where its bytes belong in what the source holds
 * @param length how many it holds
 * @param check how it is protected, if that is not said in itself
 */
record PackedBlock(long host, long hostLength, long start, long length, XzCheck check) {
    long end() {
        return start + length;
    }
}
