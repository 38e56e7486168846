package io.dvflow.activities.kubernetes;

import io.dvflow.activities.Trouble;
import java.util.Optional;

/** Somebody else was faster: an object exists already, or has changed since it was read. Look again, then decide anew. */
public final class Conflict extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public Conflict(String message, Throwable cause) {
        super(message, cause);
    }

    /** For callers that do not look again themselves. */
    public Trouble asTrouble() {
        return Trouble.of(Trouble.Kind.TRANSIENT, "Conflict", getMessage(), Optional.empty(), this);
    }
}
