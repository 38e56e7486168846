package io.dvflow.dataplane.checksum;

/** What boils a stream down to a few bytes. */
sealed interface Algorithm permits DigestAlgorithm, CrcAlgorithm {

    /** As in the first part of a checksum. */
    String label();

    /** Of the result. */
    int digestBytes();

    RunningDigest start();

    /** Whether a state can be what this algorithm has after so many bytes. */
    boolean fits(RunningDigest.State state, long length);
}
