package io.dvflow.activities.finish;

import io.dvflow.activities.Patience;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimFacts;
import io.dvflow.activities.claim.ClaimNames;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.DvflowReasons;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.activities.transfer.PodRemoval;
import io.dvflow.activities.transfer.TransferPods;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.finish.Outcome;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;

/**
 * The end without a disk. Finds what there is by label, so that it can follow any step, of any release. The target claim
 * stays: it belongs to the object, and goes with it.
 */
final class Abandonment {

    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final StatusWriter status;
    private final ClaimStore claims;
    private final TransferPods pods;

    Abandonment(StatusWriter status, ClaimStore claims, TransferPods pods) {
        this.status = status;
        this.claims = claims;
        this.pods = pods;
    }

    /** Pods first: a claim that a pod uses does not go. */
    void removeRemains(OperationRef object) {
        PodRemoval removal = new PodRemoval(pods);
        for (Pod pod : pods.labelled(object.namespace(), object.uid())) {
            removal.remove(pod);
        }
        claims.labelled(object.namespace(), object.uid()).stream()
                .filter(ClaimFacts::isTemporary)
                .forEach(this::remove);
        claims.deleteImportSource(object.namespace(), ClaimNames.importSource(object.uid()));
    }

    DataVolume show(DataVolume object, Outcome outcome, String message) {
        StatusChange change = switch (outcome) {
            case FAILED ->
                StatusChange.none().phase(DataVolumePhase.FAILED).running(Aspect.not(reasonOfFailure(object), message));
            case GAVE_UP ->
                StatusChange.none().phase(DataVolumePhase.FAILED).running(Aspect.not(DvflowReasons.GAVE_UP, message));
            case CANCELLED -> StatusChange.none().running(Aspect.not(DvflowReasons.CANCELLED, message));
            case SUCCEEDED, OBJECT_GONE ->
                throw new IllegalArgumentException("Outcome " + outcome + " is not for abandon to write");
        };
        return status.write(object, change);
    }

    /** The transfer has said more precisely what failed (ChecksumError); that stands. */
    private static String reasonOfFailure(DataVolume object) {
        return Optional.ofNullable(object.getStatus())
                .flatMap(shown -> OwnedStatus.aspect(shown, ConditionTypes.RUNNING))
                .map(Aspect::reason)
                .filter(Reasons.CHECKSUM_ERROR::equals)
                .orElse(Reasons.ERROR);
    }

    private void remove(PersistentVolumeClaim claim) {
        String name = claim.getMetadata().getName();
        Bell bell = new Bell();
        Patience patience = Patience.of(LIMIT);
        try (Following<PersistentVolumeClaim> following =
                claims.follow(claim.getMetadata().getNamespace(), name, bell)) {
            claims.delete(claim);
            while (isThere(claim, following.latest())) {
                if (patience.isOver()) {
                    throw Trouble.of(
                            Trouble.Kind.TRANSIENT,
                            "ClaimNotGone",
                            "Claim " + name + " was deleted " + LIMIT.toMinutes()
                                    + " min ago and is not gone; finalizers: "
                                    + claim.getMetadata().getFinalizers());
                }
                patience.heartbeat("waiting for claim " + name + " to be gone");
                bell.await(Patience.TICK);
            }
        }
    }

    private static boolean isThere(PersistentVolumeClaim claim, Optional<PersistentVolumeClaim> latest) {
        return latest.filter(seen ->
                        seen.getMetadata().getUid().equals(claim.getMetadata().getUid()))
                .isPresent();
    }
}
