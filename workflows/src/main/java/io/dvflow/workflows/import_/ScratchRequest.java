package io.dvflow.workflows.import_;

import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.claim.ScratchSpace;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import java.util.Optional;

/**
 * That a transfer has to keep its source somewhere while it reads it.
 *
 * @param bytes how many; 0 if it does not know
 */
record ScratchRequest(long bytes) {

    private static final int BYTES = 1;

    /** @throws ActivityFailure the very failure, if it is about something else */
    static ScratchRequest of(ActivityFailure failure) {
        if (failure.getCause() instanceof ApplicationFailure cause
                && FailureTypes.SCRATCH_REQUIRED.equals(cause.getType())) {
            return new ScratchRequest(cause.getDetails().get(BYTES, Long.class));
        }
        throw failure;
    }

    /** What has turned out too small is doubled at least: so it grows few times, whatever a source says. */
    long afterHaving(Optional<ScratchSpace> earlier) {
        return earlier.map(ScratchSpace::bytes)
                .filter(had -> bytes > had)
                .map(had -> Math.max(bytes, 2 * had))
                .orElse(bytes);
    }
}
