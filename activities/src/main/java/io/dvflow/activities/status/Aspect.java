package io.dvflow.activities.status;

import io.dvflow.api.Reasons;
import java.util.Optional;

/**
 * What one condition says.
 *
 * @param status {@code True}, {@code False} or {@code Unknown}
 */
public record Aspect(String status, String reason, String message) {

    public static final String TRUE = "True";
    public static final String FALSE = "False";

    public static Aspect bound(String claim) {
        return new Aspect(TRUE, Reasons.BOUND, "PVC " + claim + " Bound");
    }

    public static Aspect pending(String claim) {
        return new Aspect(FALSE, Reasons.PENDING, "PVC " + claim + " Pending");
    }

    public static Aspect creatingScratchSpace() {
        return new Aspect(FALSE, Reasons.CREATING_SCRATCH_SPACE, "Creating scratch space");
    }

    public static Aspect scratchRequired() {
        return new Aspect(FALSE, Reasons.SCRATCH_SPACE_REQUIRED, "scratch space required and none found");
    }

    public static Aspect claimLost() {
        return new Aspect(FALSE, Reasons.CLAIM_LOST, "Claim Lost");
    }

    public static Aspect noClaim() {
        return new Aspect(FALSE, Reasons.NOT_FOUND, "No PVC found");
    }

    public static Aspect podIsRunning() {
        return new Aspect(TRUE, Reasons.POD_IS_RUNNING, "");
    }

    public static Aspect completed(String message) {
        return new Aspect(FALSE, Reasons.COMPLETED, message);
    }

    /** Not running, for a reason that clients may compare and a person can read. */
    public static Aspect not(String reason, String message) {
        return new Aspect(FALSE, reason, message);
    }

    boolean isTrue() {
        return TRUE.equals(status);
    }

    boolean saysTheSameAs(Optional<Aspect> other) {
        return other.isPresent() && equals(other.get());
    }
}
