package io.dvflow.gateway.admission;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Whether a DataVolume may be created where a claim of its name exists already. */
final class DestinationClaim {
    private DestinationClaim() {}

    /** @param adoptionGate asked only if the DataVolume itself does not say */
    static Verdict decide(DataVolume dataVolume, PersistentVolumeClaim claim, BooleanSupplier adoptionGate) {
        if (belongsTo(dataVolume, claim)
                || isFilledFor(dataVolume, claim)
                || annotations(dataVolume).containsKey(Annotations.STORAGE_PRE_POPULATED)
                || mayBeAdopted(dataVolume, adoptionGate)) {
            return Verdict.allowed();
        }
        return Verdict.invalid("Destination PVC " + claim.getMetadata().getNamespace() + "/"
                + claim.getMetadata().getName() + " already exists; choose another name, delete the claim, or set the"
                + " annotation " + Annotations.ALLOW_CLAIM_ADOPTION + ": \"true\" to take it over as it is");
    }

    private static boolean belongsTo(DataVolume dataVolume, PersistentVolumeClaim claim) {
        return claim.getMetadata().getOwnerReferences().stream().anyMatch(owner -> isController(owner, dataVolume));
    }

    private static boolean isController(OwnerReference owner, DataVolume dataVolume) {
        return Boolean.TRUE.equals(owner.getController())
                && owner.getKind().equals("DataVolume")
                && owner.getName().equals(dataVolume.getMetadata().getName());
    }

    private static boolean isFilledFor(DataVolume dataVolume, PersistentVolumeClaim claim) {
        Map<String, String> annotations = claim.getMetadata().getAnnotations();
        return annotations != null
                && dataVolume.getMetadata().getName().equals(annotations.get(Annotations.STORAGE_POPULATED_FOR));
    }

    private static boolean mayBeAdopted(DataVolume dataVolume, BooleanSupplier adoptionGate) {
        String own = annotations(dataVolume).get(Annotations.ALLOW_CLAIM_ADOPTION);
        return own == null ? adoptionGate.getAsBoolean() : own.equals("true");
    }

    private static Map<String, String> annotations(DataVolume dataVolume) {
        Map<String, String> annotations = dataVolume.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }
}
