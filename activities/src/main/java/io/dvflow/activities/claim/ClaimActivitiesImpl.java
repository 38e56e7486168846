package io.dvflow.activities.claim;

import io.dvflow.activities.ActivityBoundary;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.Annotations;
import io.dvflow.api.EventReasons;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.List;
import java.util.Map;

/** See {@link ClaimActivities}. */
public final class ClaimActivitiesImpl implements ClaimActivities {

    private final StatusWriter status;
    private final ClaimStore claims;
    private final Scratch scratch;
    private final Rebind rebind;

    public ClaimActivitiesImpl(StatusWriter status, ClaimStore claims, Scratch scratch, Rebind rebind) {
        this.scratch = scratch;
        this.status = status;
        this.claims = claims;
        this.rebind = rebind;
    }

    @Override
    public ClaimState prepare(OperationRef object, ImportPlan plan) {
        return ActivityBoundary.run(
                "Preparing the claim",
                object,
                trouble -> status.showTrouble(object, trouble),
                () -> prepare(withPathShown(status.read(object), plan), plan));
    }

    @Override
    public ScratchSpace prepareScratch(OperationRef object, ImportPlan plan, long bytes) {
        return ActivityBoundary.run(
                "Preparing scratch space",
                object,
                trouble -> status.showTrouble(object, trouble),
                () -> scratch.prepare(status.read(object), plan, bytes));
    }

    @Override
    public void handOver(OperationRef object, ImportPlan plan) {
        ActivityBoundary.run(
                "Handing the volume over",
                object,
                trouble -> status.showTrouble(object, trouble),
                () -> rebind.toTarget(status.read(object), plan));
    }

    /** CDI's clients read on the object which way its claim is filled. */
    private DataVolume withPathShown(DataVolume object, ImportPlan plan) {
        if (object instanceof AnnotatedClaim) {
            return object;
        }
        String usePopulator = Boolean.toString(plan.path() == ClaimPath.POPULATOR);
        return usePopulator.equals(ClaimBuilder.annotation(object, Annotations.STORAGE_USE_POPULATOR))
                ? object
                : status.annotate(object, Map.of(Annotations.STORAGE_USE_POPULATOR, usePopulator));
    }

    private ClaimState prepare(DataVolume object, ImportPlan plan) {
        PersistentVolumeClaim target = target(object, plan);
        refuseLost(target);
        if (plan.path() == ClaimPath.POPULATOR && ClaimFacts.isBound(target)) {
            rebind.requireOurs(object, target);
            return ClaimState.POPULATED;
        }
        if (plan.waitForConsumer() && !ClaimFacts.hasConsumer(target)) {
            showAwaitingConsumer(object, plan);
            return ClaimState.AWAITS_CONSUMER;
        }
        if (plan.path() == ClaimPath.POPULATOR) {
            prime(object, plan, target);
        }
        showReady(object, plan, target);
        return ClaimState.READY_TO_FILL;
    }

    private PersistentVolumeClaim target(DataVolume object, ImportPlan plan) {
        if (object instanceof AnnotatedClaim) {
            return FilledClaim.target(claims, object.getMetadata().getNamespace(), plan);
        }
        String namespace = object.getMetadata().getNamespace();
        if (plan.path() == ClaimPath.POPULATOR) {
            importSource(object, plan);
        }
        try {
            return claims.create(ClaimBuilder.target(object, plan));
        } catch (Conflict e) {
            PersistentVolumeClaim found = claims.find(namespace, plan.claimName())
                    .orElseThrow(() -> new Conflict(
                            "Claim " + namespace + "/" + plan.claimName() + " existed a moment ago and is gone", e));
            // Adoption was for the plan to decide, before anything was made.
            if (ExistingClaim.judge(object, found, List.of()) == ExistingClaim.Meaning.OURS) {
                return found;
            }
            throw Trouble.needsChange(
                    EventReasons.ERR_RESOURCE_EXISTS,
                    "Claim " + plan.claimName() + " was marked as filled after the import into it had been planned; "
                            + "delete the DataVolume and make it anew to take the claim over");
        }
    }

    private void importSource(DataVolume object, ImportPlan plan) {
        try {
            claims.create(ClaimBuilder.importSource(object, plan));
        } catch (Conflict e) {
            // Its name holds our UID: it is the one that an earlier attempt made.
            return;
        }
    }

    private void prime(DataVolume object, ImportPlan plan, PersistentVolumeClaim target) {
        PersistentVolumeClaim wanted = ClaimBuilder.prime(object, plan, target);
        String name = wanted.getMetadata().getName();
        try {
            claims.create(wanted);
        } catch (Conflict e) {
            PersistentVolumeClaim found =
                    claims.find(target.getMetadata().getNamespace(), name).orElseThrow(() -> e);
            refuseLost(found);
            if (found.getMetadata().getDeletionTimestamp() != null) {
                throw new Conflict("Prime claim " + name + " is on its way out; waiting for it to be gone", e);
            }
        }
        if (!name.equals(ClaimBuilder.annotation(target, Annotations.STORAGE_POPULATOR_PVC_PRIME))) {
            claims.annotate(target, Map.of(Annotations.STORAGE_POPULATOR_PVC_PRIME, name));
        }
    }

    private void showAwaitingConsumer(DataVolume object, ImportPlan plan) {
        DataVolumePhase phase = plan.path() == ClaimPath.POPULATOR
                ? DataVolumePhase.PENDING_POPULATION
                : DataVolumePhase.WAIT_FOR_FIRST_CONSUMER;
        status.write(
                object,
                StatusChange.none()
                        .phase(phase)
                        .claimName(plan.claimName())
                        .bound(Aspect.pending(plan.claimName()))
                        .running(Aspect.not("", "")));
    }

    private void showReady(DataVolume object, ImportPlan plan, PersistentVolumeClaim target) {
        boolean bound = ClaimFacts.isBound(target);
        status.write(
                object,
                StatusChange.none()
                        .phase(bound ? DataVolumePhase.PVC_BOUND : DataVolumePhase.PENDING)
                        .claimName(plan.claimName())
                        .bound(bound ? Aspect.bound(plan.claimName()) : Aspect.pending(plan.claimName()))
                        .running(Aspect.not("", "")));
    }

    private static void refuseLost(PersistentVolumeClaim claim) {
        if (ClaimFacts.isLost(claim)) {
            throw Trouble.of(
                    Trouble.Kind.FINAL,
                    EventReasons.ERR_CLAIM_LOST,
                    "Claim " + claim.getMetadata().getName() + " lost its volume "
                            + claim.getSpec().getVolumeName() + "; delete the DataVolume and make it anew");
        }
    }
}
