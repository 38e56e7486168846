package io.dvflow.bridge.operation;

import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Optional;

/** Which DataVolume a claim was made for. */
final class OwnedClaims {

    private OwnedClaims() {}

    /** The DataVolume that controls the claim, if one does. */
    static Optional<OperationRef> ownerOf(PersistentVolumeClaim claim) {
        return claim.getMetadata().getOwnerReferences().stream()
                .filter(owner -> "DataVolume".equals(owner.getKind()))
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .findFirst()
                .map(owner -> refOf(claim, owner));
    }

    private static OperationRef refOf(PersistentVolumeClaim claim, OwnerReference owner) {
        return new OperationRef(claim.getMetadata().getNamespace(), owner.getName(), owner.getUid());
    }
}
