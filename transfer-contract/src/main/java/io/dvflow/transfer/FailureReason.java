package io.dvflow.transfer;

/** Why a transfer failed, for programs. New reasons may be added; readers treat unknown ones as {@link #UNKNOWN}. */
public enum FailureReason {
    CONNECTION_FAILED(ErrorClass.TRANSIENT),
    SERVER_ERROR(ErrorClass.TRANSIENT),
    SOURCE_CHANGED(ErrorClass.TRANSIENT),
    /** Somebody else has the source for now: a locked disk. */
    SOURCE_BUSY(ErrorClass.TRANSIENT),
    TRUNCATED(ErrorClass.TRANSIENT),
    TARGET_IO(ErrorClass.TRANSIENT),
    UNAUTHORIZED(ErrorClass.NEEDS_CHANGE),
    NOT_FOUND(ErrorClass.NEEDS_CHANGE),
    REFUSED_BY_SERVER(ErrorClass.NEEDS_CHANGE),
    CERTIFICATE(ErrorClass.NEEDS_CHANGE),
    /** A proxy on the way to the source lets nothing through: no matter of the source's. */
    PROXY(ErrorClass.NEEDS_CHANGE),
    TOO_SMALL(ErrorClass.NEEDS_CHANGE),
    TARGET_PERMISSION(ErrorClass.NEEDS_CHANGE),
    UNSUPPORTED_FORMAT(ErrorClass.NEEDS_CHANGE),
    HOSTILE_IMAGE(ErrorClass.NEEDS_CHANGE),
    CORRUPT_IMAGE(ErrorClass.NEEDS_CHANGE),
    RANGES_REQUIRED(ErrorClass.NEEDS_CHANGE),
    LENGTH_UNKNOWN(ErrorClass.NEEDS_CHANGE),
    /** The source has to be kept somewhere while it is read; the next attempt gets a volume for it. */
    SCRATCH_REQUIRED(ErrorClass.TRANSIENT),
    /** What was read back from the target is not what the source has; all of it is written anew. */
    VERIFY_FAILED(ErrorClass.TRANSIENT),
    CHECKSUM_MISMATCH(ErrorClass.FINAL),
    /** A registry served other bytes than those it named by their digest. */
    DIGEST_MISMATCH(ErrorClass.NEEDS_CHANGE),
    BAD_PLAN(ErrorClass.NEEDS_CHANGE),
    UNKNOWN(ErrorClass.TRANSIENT);

    private final ErrorClass usualClass;

    FailureReason(ErrorClass usualClass) {
        this.usualClass = usualClass;
    }

    /** The class a failure of this reason has unless the one who saw it knows better. */
    public ErrorClass usualClass() {
        return usualClass;
    }
}
