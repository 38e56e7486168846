package io.dvflow.activities.finish;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimFacts;
import io.dvflow.activities.claim.ClaimNames;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.claim.FilledClaim;
import io.dvflow.activities.claim.Owners;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.ClaimProjection;
import io.dvflow.activities.status.Progress;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.activities.transfer.PodRemoval;
import io.dvflow.activities.transfer.TransferPods;
import io.dvflow.api.Annotations;
import io.dvflow.api.EventReasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The end that everybody wants. Pod and source go first, so that who sees Succeeded can use the claim at once. */
final class Success {

    private static final String NOTHING_TO_MOVE = "The claim had its content already";

    private final StatusWriter status;
    private final ClaimStore claims;
    private final TransferPods pods;

    Success(StatusWriter status, ClaimStore claims, TransferPods pods) {
        this.status = status;
        this.claims = claims;
        this.pods = pods;
    }

    DataVolume show(DataVolume object, ImportPlan plan, Optional<TransferReceipt> receipt) {
        String namespace = object.getMetadata().getNamespace();
        String uid = object.getMetadata().getUid();
        retainOrRemovePods(object);
        if (plan.path() == ClaimPath.POPULATOR) {
            claims.deleteImportSource(namespace, ClaimNames.importSource(uid));
        }
        PersistentVolumeClaim claim = claims.find(namespace, plan.claimName())
                .orElseThrow(() -> Trouble.of(
                        Trouble.Kind.FINAL,
                        EventReasons.ERR_CLAIM_LOST,
                        "Claim " + plan.claimName() + " is gone, and the disk in it; delete the DataVolume and make "
                                + "it anew"));
        removeScratch(plan, claim);
        showOnClaim(object, claim, receipt);
        receipt.map(TransferReceipt::labels).ifPresent(labels -> describe(claim, labels));
        boolean bound = ClaimFacts.isBound(claim);
        return status.write(
                object,
                StatusChange.none()
                        .phase(DataVolumePhase.SUCCEEDED)
                        .progress(Progress.DONE)
                        .claimName(plan.claimName())
                        .bound(bound ? Aspect.bound(plan.claimName()) : Aspect.pending(plan.claimName()))
                        .running(Aspect.completed(messageOf(receipt))));
    }

    private void retainOrRemovePods(DataVolume object) {
        PodRemoval removal = new PodRemoval(pods);
        for (Pod pod : pods.labelled(
                object.getMetadata().getNamespace(), object.getMetadata().getUid())) {
            if (isRetained(object)) {
                // A claim does not go while a pod names it, nor would the pod before a claim that owns it.
                pods.give(pod, Owners.controller(object));
            } else {
                removal.remove(pod);
            }
        }
    }

    /** Also beside pods that are retained: what they were good for stands in their logs, and it counts against quotas. */
    private void removeScratch(ImportPlan plan, PersistentVolumeClaim target) {
        String scratch = ClaimNames.scratch(FilledClaim.nameFor(target, plan));
        claims.find(target.getMetadata().getNamespace(), scratch)
                .filter(ClaimFacts::isTemporary)
                .ifPresent(claims::delete);
    }

    private void showOnClaim(DataVolume object, PersistentVolumeClaim claim, Optional<TransferReceipt> receipt) {
        Map<String, String> annotations = ClaimProjection.succeeded(
                receipt.map(TransferReceipt::restarts).orElse(0),
                messageOf(receipt),
                receipt.map(TransferReceipt::preallocationApplied));
        boolean isTheObject =
                claim.getMetadata().getUid().equals(object.getMetadata().getUid());
        if (isTheObject || Owners.isControlled(claim)) {
            claims.annotate(claim, annotations);
        } else {
            // A claim that was filled by somebody else becomes the object's, as if it had been made for it.
            claims.adopt(claim, Owners.controller(object), annotations);
        }
    }

    /** What the source says of the disk; what somebody has said of it here counts more. */
    private void describe(PersistentVolumeClaim claim, Map<String, String> found) {
        Map<String, String> labels = new TreeMap<>(found);
        Optional.ofNullable(claim.getMetadata().getLabels())
                .ifPresent(given -> labels.keySet().removeAll(given.keySet()));
        if (!labels.isEmpty()) {
            claims.label(claim, labels);
        }
    }

    private static boolean isRetained(DataVolume object) {
        return Optional.ofNullable(object.getMetadata().getAnnotations())
                .map(all -> all.get(Annotations.STORAGE_POD_RETAIN_AFTER_COMPLETION))
                .filter("true"::equals)
                .isPresent();
    }

    private static String messageOf(Optional<TransferReceipt> receipt) {
        return receipt.map(TransferReceipt::message).orElse(NOTHING_TO_MOVE);
    }
}
