package io.dvflow.dataplane.report;

import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import java.util.Optional;

/**
 * The transfer cannot go on. The message is meant for people: what was being done, what was found, what to do next; it
 * never holds credentials or the query of a URL.
 */
public final class TransferFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final FailureReason reason;
    private final transient Optional<Long> retryAfterSeconds;
    private final transient Optional<Long> scratchBytes;

    public TransferFailure(FailureReason reason, String message) {
        this(reason, message, null);
    }

    public TransferFailure(FailureReason reason, String message, Throwable cause) {
        this(reason, message, cause, Optional.empty());
    }

    public TransferFailure(FailureReason reason, String message, Throwable cause, Optional<Long> retryAfterSeconds) {
        this(reason, message, cause, retryAfterSeconds, Optional.empty());
    }

    private TransferFailure(
            FailureReason reason,
            String message,
            Throwable cause,
            Optional<Long> retryAfterSeconds,
            Optional<Long> scratchBytes) {
        super(message, cause);
        this.reason = reason;
        this.retryAfterSeconds = retryAfterSeconds;
        this.scratchBytes = scratchBytes;
    }

    /** It can go on with a place to keep so many bytes. */
    public static TransferFailure scratchRequired(String message, long bytes) {
        return new TransferFailure(FailureReason.SCRATCH_REQUIRED, message, null, Optional.empty(), Optional.of(bytes));
    }

    public FailureReason reason() {
        return reason;
    }

    /** Whether what has been read, and perhaps written, is not what it should be. */
    public boolean isMismatch() {
        return reason == FailureReason.CHECKSUM_MISMATCH || reason == FailureReason.DIGEST_MISMATCH;
    }

    public ErrorClass errorClass() {
        return reason.usualClass();
    }

    /** What the server asked for, if it did. */
    public Optional<Long> retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /** With {@link FailureReason#SCRATCH_REQUIRED}: the room that is needed. */
    public Optional<Long> scratchBytes() {
        return scratchBytes;
    }
}
