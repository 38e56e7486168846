package io.dvflow.activities.claim;

import io.dvflow.api.Annotations;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import java.util.Optional;

/** What a claim's fields mean. Pure. */
public final class ClaimFacts {

    private ClaimFacts() {}

    public static boolean isBound(PersistentVolumeClaim claim) {
        return phase(claim).filter("Bound"::equals).isPresent();
    }

    /** The volume it was bound to is gone. */
    public static boolean isLost(PersistentVolumeClaim claim) {
        return phase(claim).filter("Lost"::equals).isPresent();
    }

    /** Whether the scheduler has found a node for a pod that uses it, or it is bound, which comes after. */
    public static boolean hasConsumer(PersistentVolumeClaim claim) {
        return isBound(claim) || ClaimBuilder.annotation(claim, Annotations.SELECTED_NODE) != null;
    }

    private static Optional<String> phase(PersistentVolumeClaim claim) {
        return Optional.ofNullable(claim.getStatus()).map(PersistentVolumeClaimStatus::getPhase);
    }
}
