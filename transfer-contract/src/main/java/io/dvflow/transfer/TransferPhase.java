package io.dvflow.transfer;

/** The parts of a transfer that are timed and shown one by one. */
public enum TransferPhase {
    /** Find out what the source is: length, validators, format, virtual size. */
    PROBE,
    /** Hash the whole source, where that cannot be done while the disk is written. */
    HASH,
    /** Keep the source in scratch space, where it cannot be read out of order from where it is. */
    SCRATCH,
    /** Move the bytes to their final place. */
    COPY,
    /** Grow the disk to the size of the claim. */
    RESIZE,
    /** Allocate what is still a hole. */
    PREALLOCATE,
    /** Read it back and compare it with the source. */
    VERIFY,
    /** Make it durable. */
    SYNC
}
