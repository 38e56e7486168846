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

    public TransferFailure(FailureReason reason, String message) {
        this(reason, message, null);
    }

    public TransferFailure(FailureReason reason, String message, Throwable cause) {
        this(reason, message, cause, Optional.empty());
    }

    public TransferFailure(FailureReason reason, String message, Throwable cause, Optional<Long> retryAfterSeconds) {
        super(message, cause);
        this.reason = reason;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public FailureReason reason() {
        return reason;
    }

    public ErrorClass errorClass() {
        return reason.usualClass();
    }

    /** What the server asked for, if it did. */
    public Optional<Long> retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
