package io.dvflow.activities;

import java.time.Duration;
import java.util.Optional;

/**
 * What keeps an activity from its end: what may help, one word for programs, the sentence for people. Becomes an
 * {@code ApplicationFailure} of the type of the same name at the activity's boundary, and nowhere else.
 */
public final class Trouble extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String reason;
    private final transient Optional<Duration> retryAfter;
    private final int failures;
    private final long scratchBytes;

    private Trouble(
            Kind kind,
            String reason,
            String message,
            Optional<Duration> retryAfter,
            int failures,
            long scratchBytes,
            Throwable cause) {
        super(message, cause);
        this.scratchBytes = scratchBytes;
        this.kind = kind;
        this.reason = reason;
        this.retryAfter = retryAfter;
        this.failures = failures;
    }

    /** See the types of {@link io.dvflow.workflows.FailureTypes}. */
    public enum Kind {
        TRANSIENT,
        NEEDS_CHANGE,
        WAITING,
        FINAL,
        GAVE_UP,
        OBJECT_GONE,
        SCRATCH_REQUIRED
    }

    public static Trouble of(Kind kind, String reason, String message) {
        return new Trouble(kind, reason, message, Optional.empty(), 0, 0, null);
    }

    /** @param retryAfter the earliest that somebody asked to be tried again */
    public static Trouble of(Kind kind, String reason, String message, Optional<Duration> retryAfter, Throwable cause) {
        return new Trouble(kind, reason, message, retryAfter, 0, 0, cause);
    }

    /** The same, which happened for the n-th time. */
    public Trouble forTheTime(int n) {
        return new Trouble(kind, reason, getMessage(), retryAfter(), n, scratchBytes, getCause());
    }

    public static Trouble needsChange(String reason, String message) {
        return of(Kind.NEEDS_CHANGE, reason, message);
    }

    public static Trouble objectGone(String message) {
        return of(Kind.OBJECT_GONE, "ObjectGone", message);
    }

    /** @param bytes how many are needed; 0 if nobody knows */
    public static Trouble scratchRequired(String reason, String message, long bytes) {
        return new Trouble(Kind.SCRATCH_REQUIRED, reason, message, Optional.empty(), 0, bytes, null);
    }

    public Kind kind() {
        return kind;
    }

    public String reason() {
        return reason;
    }

    public Optional<Duration> retryAfter() {
        return retryAfter == null ? Optional.empty() : retryAfter;
    }

    /** How often it has happened, this time included; 0 where only Temporal counts. */
    public int failures() {
        return failures;
    }

    /** With {@link Kind#SCRATCH_REQUIRED}: how much; 0 if nobody knows. */
    public long scratchBytes() {
        return scratchBytes;
    }
}
