package io.dvflow.activities.claim;

import io.dvflow.api.v1beta1.DataVolume;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Optional;

/** Who an object belongs to: with its controller, it goes. Pure. */
public final class Owners {

    private static final String DATA_VOLUME = HasMetadata.getKind(DataVolume.class);

    private Owners() {}

    /**
     * Of DataVolumes, the claim blocks a foreground deletion, as with CDI: when the object is gone, so is its disk. The other
     * owners go without waiting for what they own, which asks for no right on their finalizers.
     */
    public static OwnerReference controller(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(owner.getKind().equals(DATA_VOLUME))
                .build();
    }

    public static boolean isControlled(HasMetadata object) {
        return controllerOf(object).isPresent();
    }

    public static Optional<OwnerReference> controllerOf(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getOwnerReferences()).orElse(List.of()).stream()
                .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                .findFirst();
    }

    public static boolean isControlledBy(HasMetadata owner, HasMetadata object) {
        return controllerOf(object)
                .filter(found -> found.getUid().equals(owner.getMetadata().getUid()))
                .isPresent();
    }
}
