package io.dvflow.activities.claim;

import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowLabels;
import io.dvflow.api.Labels;
import io.dvflow.api.v1beta1.DataVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimStatus;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirements;
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

    /** What it asks for; 0 if it says nothing. */
    static long requestedBytes(PersistentVolumeClaim claim) {
        return Optional.ofNullable(claim.getSpec().getResources())
                .map(VolumeResourceRequirements::getRequests)
                .map(requests -> requests.get("storage"))
                .map(request -> ClaimRenderer.bytes(
                        request,
                        "resources.requests.storage of claim "
                                + claim.getMetadata().getName()))
                .orElse(0L);
    }

    /** Whether it was made for the operation alone, and is to be gone when that is over. */
    public static boolean isTemporary(PersistentVolumeClaim claim) {
        String name = claim.getMetadata().getName();
        // A user's DataVolume, and with it its target claim, may have such a name too.
        return (ClaimNames.isPrime(name) || ClaimNames.isScratch(name))
                && "true".equals(label(claim, Labels.EXCLUDE_FROM_BACKUP));
    }

    static boolean isTemporaryOf(DataVolume object, PersistentVolumeClaim claim) {
        return isTemporary(claim) && object.getMetadata().getUid().equals(label(claim, DvflowLabels.DATAVOLUME_UID));
    }

    private static String label(PersistentVolumeClaim claim, String key) {
        return Optional.ofNullable(claim.getMetadata().getLabels())
                .map(labels -> labels.get(key))
                .orElse("");
    }

    private static Optional<String> phase(PersistentVolumeClaim claim) {
        return Optional.ofNullable(claim.getStatus()).map(PersistentVolumeClaimStatus::getPhase);
    }
}
