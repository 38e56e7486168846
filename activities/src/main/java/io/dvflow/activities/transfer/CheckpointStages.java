package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.FilledClaim;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.api.Annotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCheckpoint;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.import_.Stages;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a multi-stage import stands: the spec says which checkpoints there are, the target claim which of them it holds.
 * Forklift reads the claim's annotations, and so does a workflow that has to be started again.
 */
public final class CheckpointStages {

    /** What fits into the name of a pod, and behind {@link Annotations#STORAGE_CHECKPOINT_COPIED} into an annotation's. */
    private static final String NAME = "[a-z0-9]([-a-z0-9]{0,35}[a-z0-9])?";

    private final TransferActivitiesImpl.Doors doors;
    private final OperationRef object;
    private final ImportPlan plan;

    CheckpointStages(TransferActivitiesImpl.Doors doors, OperationRef object, ImportPlan plan) {
        this.doors = doors;
        this.object = object;
        this.plan = plan;
    }

    /** Empty for an import that copies everything at once. */
    public static Optional<Stages> of(DataVolume object, Optional<PersistentVolumeClaim> target) {
        DataVolumeSpec spec = object.getSpec();
        if (spec.checkpoints().isEmpty()) {
            return Optional.empty();
        }
        List<Checkpoint> checkpoints =
                spec.checkpoints().stream().map(CheckpointStages::checkpoint).toList();
        int copied = 0;
        while (copied < checkpoints.size()
                && target.filter(claimOf(checkpoints.get(copied))::isOn).isPresent()) {
            copied++;
        }
        return Optional.of(new Stages(checkpoints, Boolean.TRUE.equals(spec.finalCheckpoint()), copied));
    }

    Stages next() {
        DataVolume seen = doors.status().read(object);
        PersistentVolumeClaim target = target();
        if (plan.checkpoint().isPresent()) {
            target = writeDown(plan.checkpoint().get(), target);
        }
        Stages stages = of(seen, Optional.of(target)).orElseThrow();
        if (stages.areDone()) {
            annotate(target, Map.of(Annotations.STORAGE_CHECKPOINT_DONE, "true"));
        } else if (stages.awaitsMore()) {
            showWaiting(seen);
        }
        return stages;
    }

    private record Copied(String annotation) {
        boolean isOn(HasMetadata claim) {
            return Optional.ofNullable(claim.getMetadata().getAnnotations())
                    .filter(all -> all.containsKey(annotation))
                    .isPresent();
        }
    }

    private static Copied claimOf(Checkpoint checkpoint) {
        return new Copied(Annotations.STORAGE_CHECKPOINT_COPIED + checkpoint.current());
    }

    private static Checkpoint checkpoint(DataVolumeCheckpoint stage) {
        if (!stage.current().matches(NAME)) {
            throw Trouble.needsChange(
                    Reasons.ERR_CLAIM_NOT_VALID,
                    "Checkpoint \"" + stage.current() + "\" is not one that a pod can be named after; expected"
                            + " lower-case letters, digits and '-', at most 37 of them, as the IDs of snapshots have");
        }
        return new Checkpoint(
                stage.current(), Optional.ofNullable(stage.previous()).filter(previous -> !previous.isBlank()));
    }

    private PersistentVolumeClaim writeDown(Checkpoint stage, PersistentVolumeClaim target) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Annotations.STORAGE_CHECKPOINT_CURRENT, stage.current());
        annotations.put(
                Annotations.STORAGE_CHECKPOINT_PREVIOUS, stage.previous().orElse(""));
        String pod = podOf(stage);
        annotations.put(Annotations.STORAGE_CHECKPOINT_POD_ID, pod);
        annotations.put(claimOf(stage).annotation(), pod);
        annotate(target, annotations);
        return target();
    }

    /** UID of the pod that has copied it; the name says which, as no two stages share one. */
    private String podOf(Checkpoint stage) {
        return doors.pods().labelled(object.namespace(), object.uid()).stream()
                .filter(pod -> pod.getMetadata().getName().equals(PodNames.importer(filled(), Optional.of(stage))))
                .map(Pod::getMetadata)
                .map(metadata -> metadata.getUid())
                .findFirst()
                .orElse("");
    }

    private void annotate(PersistentVolumeClaim target, Map<String, String> annotations) {
        doors.claims().annotate(target, annotations);
        if (plan.path() == ClaimPath.POPULATOR) {
            doors.claims()
                    .find(object.namespace(), filled())
                    .ifPresent(prime -> doors.claims().annotate(prime, annotations));
        }
    }

    private void showWaiting(DataVolume seen) {
        doors.status()
                .write(
                        seen,
                        StatusChange.none()
                                .phase(DataVolumePhase.PAUSED)
                                .claimName(plan.claimName())
                                .running(Aspect.not(
                                        Reasons.COMPLETED, "Checkpoint copied; waiting for the next one in the spec")));
    }

    private PersistentVolumeClaim target() {
        return FilledClaim.target(doors.claims(), object.namespace(), plan);
    }

    private String filled() {
        return FilledClaim.nameFor(target(), plan);
    }
}
