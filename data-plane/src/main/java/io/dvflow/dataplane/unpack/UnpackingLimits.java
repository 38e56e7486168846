package io.dvflow.dataplane.unpack;

/** What unpacking may take of a pod, which has 200 MiB for everything and needs about 60 for itself. */
final class UnpackingLimits {

    /** For an xz block; xz -9 needs 65 MiB. */
    static final long XZ_MEMORY = 80L << 20;

    /**
     * Of a zstd window: 128 MiB, what zstd itself takes unless it is told otherwise. Only with zstd --long or --ultra -22
     * is it as much, and then the pod needs 190 MiB.
     */
    static final int WINDOW_LOG = 27;

    /** More than this deserves a word. */
    static final long USUAL_MEMORY = 80L << 20;

    /** For all blocks that are unpacked at the same time. */
    static final long PARALLEL_MEMORY = 64L << 20;

    /** For blocks that are kept unpacked because their bytes are wanted out of order. */
    static final long CACHE_MEMORY = 64L << 20;

    private UnpackingLimits() {}
}
