package io.dvflow.activities.claim;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.List;
import java.util.Optional;

/** Who an object belongs to: with its controller, it goes. Pure. */
public final class Owners {

    private Owners() {}

    public static OwnerReference controller(HasMetadata owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(owner.getApiVersion())
                .withKind(owner.getKind())
                .withName(owner.getMetadata().getName())
                .withUid(owner.getMetadata().getUid())
                .withController(true)
                .withBlockOwnerDeletion(true)
                .build();
    }

    /** An owner that goes without waiting for what it owns. */
    public static OwnerReference leaving(HasMetadata owner) {
        return new OwnerReferenceBuilder(controller(owner))
                .withBlockOwnerDeletion(false)
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
