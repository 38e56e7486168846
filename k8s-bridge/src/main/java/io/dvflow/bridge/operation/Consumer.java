package io.dvflow.bridge.operation;

import io.dvflow.api.Annotations;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Map;
import java.util.Optional;

/**
 * That somebody wants to use the target claim.
 *
 * @param id what was seen, the same as long as it is the same; part of a workflow update's ID
 */
record Consumer(String id) {

    private static final String BOUND = "Bound";

    /** The scheduler has chosen a node for a pod with this claim, or the claim is bound already. */
    static Optional<Consumer> of(PersistentVolumeClaim claim) {
        Map<String, String> annotations = claim.getMetadata().getAnnotations();
        String node = annotations == null ? null : annotations.get(Annotations.SELECTED_NODE);
        String uid = claim.getMetadata().getUid();
        if (node != null && !node.isEmpty()) {
            return Optional.of(new Consumer(uid + "-on-" + node));
        }
        boolean bound =
                claim.getStatus() != null && BOUND.equals(claim.getStatus().getPhase());
        return bound ? Optional.of(new Consumer(uid + "-bound")) : Optional.empty();
    }
}
