package io.dvflow.dataplane.source.http;

import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Something went wrong that may go right the next time. */
public final class RetriableException extends IOException {

    private static final long serialVersionUID = 1L;

    private final FailureReason reason;
    private final transient Optional<Duration> retryAfter;

    public RetriableException(FailureReason reason, String message) {
        this(reason, message, Optional.empty());
    }

    RetriableException(FailureReason reason, String message, Optional<Duration> retryAfter) {
        super(message);
        this.reason = reason;
        this.retryAfter = retryAfter;
    }

    /** What the transfer fails with if it never goes right. */
    FailureReason reason() {
        return reason;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
