package io.dvflow.dataplane.copy;

/** Hears what has been written. */
interface Written {

    /** The range holds the image's bytes now. */
    void written(long guest, long length);

    /** The range reads as zeros now, without a write. */
    void skipped(long guest, long length);
}
