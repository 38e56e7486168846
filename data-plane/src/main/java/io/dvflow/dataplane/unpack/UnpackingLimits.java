package io.dvflow.dataplane.unpack;

/** What unpacking may take of a pod that has 200 MiB for everything. */
final class UnpackingLimits {

    /** For one stream; xz -9 needs 65 MiB, zstd --long=27 needs 128 MiB and a little. */
    static final long MEMORY = 128L << 20;

    /** Of a zstd window; what zstd itself takes unless it is told otherwise. */
    static final int WINDOW_LOG = 27;

    private UnpackingLimits() {}
}
