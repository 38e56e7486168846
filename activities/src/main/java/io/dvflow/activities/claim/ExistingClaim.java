package io.dvflow.activities.claim;

import io.dvflow.activities.Trouble;
import io.dvflow.api.Annotations;
import io.dvflow.api.EventReasons;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.StorageSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Optional;

/** What a claim that has the DataVolume's name already means to it. Pure. */
public final class ExistingClaim {

    private static final String ADOPTION_GATE = "DataVolumeClaimAdoption";

    private ExistingClaim() {}

    public enum Meaning {
        /** Ours: an earlier attempt made it. */
        OURS,
        /** It has its content, somebody says so: nothing is written to it. */
        POPULATED
    }

    /**
     * @param featureGates of CDIConfig
     * @throws Trouble when the claim is neither
     */
    public static Meaning judge(DataVolume object, PersistentVolumeClaim claim, List<String> featureGates) {
        String claimName = claim.getMetadata().getName();
        if (claim.getMetadata().getDeletionTimestamp() != null) {
            throw Trouble.needsChange(
                    EventReasons.ERR_RESOURCE_MARKED_FOR_DELETION,
                    "Resource \"" + claimName + "\" is marked for deletion; waiting for it to be gone");
        }
        if (object.getMetadata().getUid().equals(claim.getMetadata().getUid())) {
            // It asks for its content itself.
            return Meaning.OURS;
        }
        if (isPrePopulated(object, claim)) {
            return Meaning.POPULATED;
        }
        if (Owners.isControlledBy(object, claim)) {
            return Meaning.OURS;
        }
        if (isAdoptable(object, claim, featureGates)) {
            return Meaning.POPULATED;
        }
        throw Trouble.needsChange(
                EventReasons.ERR_RESOURCE_EXISTS,
                "Resource \"" + claimName + "\" already exists and is not managed by DataVolume; delete the claim, or "
                        + "annotate the DataVolume with " + Annotations.ALLOW_CLAIM_ADOPTION
                        + "=true to take it over as it is");
    }

    /** What the object would have to say for just this claim: profiles and defaults may have changed since it was made. */
    public static DataVolumeSpec asMade(DataVolumeSpec spec, PersistentVolumeClaim claim) {
        StorageSpec storage = spec.storage();
        return new DataVolumeSpec(
                spec.source(),
                spec.sourceRef(),
                storage == null ? claim.getSpec() : null,
                storage == null ? null : asMade(storage, claim),
                spec.priorityClassName(),
                spec.serviceAccountName(),
                spec.contentType(),
                spec.checkpoints(),
                spec.finalCheckpoint(),
                spec.preallocation());
    }

    private static StorageSpec asMade(StorageSpec storage, PersistentVolumeClaim claim) {
        return new StorageSpec(
                claim.getSpec().getAccessModes(),
                storage.selector(),
                storage.resources(),
                storage.volumeName(),
                Optional.ofNullable(claim.getSpec().getStorageClassName()).orElse(""),
                claim.getSpec().getVolumeMode(),
                storage.dataSource(),
                storage.dataSourceRef());
    }

    private static boolean isPrePopulated(DataVolume object, PersistentVolumeClaim claim) {
        return object.getMetadata().getName().equals(ClaimBuilder.annotation(claim, Annotations.STORAGE_POPULATED_FOR))
                || claim.getMetadata()
                        .getName()
                        .equals(ClaimBuilder.annotation(object, Annotations.STORAGE_PRE_POPULATED));
    }

    private static boolean isAdoptable(DataVolume object, PersistentVolumeClaim claim, List<String> featureGates) {
        // Another owner will not let go of it, and one that we made or that asks for its content may be half filled.
        if (Owners.isControlled(claim)
                || claim.getMetadata().getFinalizers().contains(Finalizers.OPERATION)
                || object.getMetadata()
                        .getUid()
                        .equals(ClaimBuilder.annotation(claim, Annotations.CREATED_FOR_DATA_VOLUME))) {
            return false;
        }
        String asked = ClaimBuilder.annotation(object, Annotations.ALLOW_CLAIM_ADOPTION);
        return asked == null ? featureGates.contains(ADOPTION_GATE) : Boolean.parseBoolean(asked);
    }
}
