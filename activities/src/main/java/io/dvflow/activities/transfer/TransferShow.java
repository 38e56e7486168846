package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.ClaimProjection;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.Progress;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.EventReasons;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.VddkInfo;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Shows a transfer on the object and its claim. What is shown while the pod works may come late (the API server may be
 * away; the pod works on); what is shown when it failed may not.
 */
final class TransferShow {

    private static final double WORTH_SHOWING_PERCENT = 1;

    private final TransferActivitiesImpl.Doors doors;
    private final TransferTimings timings;
    private final ImportPlan plan;
    private final PersistentVolumeClaim target;

    private DataVolume seen;
    private String doing = "looking for the transfer pod";
    private Optional<String> projectedPod = Optional.empty();
    private double shownPercent = -1;
    private long shownNanos;

    TransferShow(
            TransferActivitiesImpl.Doors doors,
            TransferTimings timings,
            ImportPlan plan,
            DataVolume seen,
            PersistentVolumeClaim target) {
        this.doors = doors;
        this.timings = timings;
        this.plan = plan;
        this.seen = seen;
        this.target = target;
    }

    /** What is going on, for the heartbeat. */
    String doing() {
        return doing;
    }

    void awaits(String what) {
        doing = what;
    }

    void scheduled(Pod pod, int restarts) {
        doing = "waiting for pod " + pod.getMetadata().getName() + " to start";
        show(change(restarts).phase(DataVolumePhase.IMPORT_SCHEDULED).running(Aspect.not(Reasons.PENDING, "")));
    }

    void pending(PodState.Pending pending, Duration age, int restarts) {
        String name = pending.pod().getMetadata().getName();
        doing = "waiting for pod " + name + " to start" + (pending.reason().isEmpty() ? "" : ": " + pending.reason());
        boolean settled = age.compareTo(timings.settle()) >= 0;
        if (settled && isDue()) {
            show(change(restarts)
                    .phase(DataVolumePhase.IMPORT_SCHEDULED)
                    .running(Aspect.not(pending.reason(), pending.message())));
        }
    }

    void running(Pod pod, Optional<TransferReport.Progress> progress, int restarts) {
        double percent = progress.map(TransferReport.Progress::percent).orElse(0.0);
        boolean shown = isShownAsRunning(restarts);
        doing = "transferring"
                + progress.map(each -> ", " + Progress.of(each.percent()) + ", " + each.phase())
                        .orElse("");
        if (shown && percent < Progress.percentOf(seen.getStatus().progress())) {
            // A log that is read again, by another worker, starts with what has been shown long ago; and a disk that is
            // verified has been there as a whole.
            return;
        }
        boolean first = shownPercent < 0;
        if (!first && (percent - shownPercent < WORTH_SHOWING_PERCENT || !isDue())) {
            return;
        }
        StatusChange inProgress =
                change(restarts).phase(DataVolumePhase.IMPORT_IN_PROGRESS).running(Aspect.podIsRunning());
        // A pod that runs has its volumes; on the populator path the target claim still waits for its own.
        StatusChange change = inProgress.bound(
                plan.path() == ClaimPath.DIRECT ? Aspect.bound(plan.claimName()) : Aspect.pending(plan.claimName()));
        // The figure of an earlier pod is not this one's.
        String figure = progress.isPresent() ? Progress.of(percent) : Progress.UNKNOWN;
        if (show(progress.isPresent() || !shown ? change.progress(figure) : change)) {
            shownPercent = percent;
        }
        project(pod, ClaimProjection.running(pod.getMetadata().getName(), restarts, Progress.of(percent)));
    }

    /** The claim shows the name of each pod, also of one that was too quick to be seen at work. */
    void completed(Pod pod) {
        project(pod, ClaimProjection.named(pod.getMetadata().getName()));
    }

    void failed(Pod pod, PodFailure failure, int restarts) {
        Aspect problem = Aspect.not(failure.conditionReason(), failure.message());
        seen = doors.status().write(seen, change(restarts).running(problem));
        boolean forGood = failure.kind() == Trouble.Kind.FINAL;
        doors.claims()
                .annotate(target, ClaimProjection.failed(pod.getMetadata().getName(), restarts, problem, forGood));
        doors.events().publish(target, EventNote.warning(EventReasons.ERR_IMPORT_FAILED, failure.message()));
    }

    void readByVddk(VddkInfo info) {
        doors.claims().annotate(target, ClaimProjection.readByVddk(info));
    }

    void scratchRequired(int restarts) {
        seen = doors.status().write(seen, change(restarts).running(Aspect.scratchRequired()));
        doors.claims().annotate(target, ClaimProjection.scratchRequired());
    }

    void cannotStart(String podName, Trouble trouble, int restarts) {
        if (trouble.kind() != Trouble.Kind.NEEDS_CHANGE) {
            return;
        }
        Aspect problem = trouble.reason().equals(Reasons.ERR_EXCEEDED_QUOTA)
                ? Aspect.not(Reasons.ERR_EXCEEDED_QUOTA, trouble.getMessage())
                : Aspect.not(Reasons.ERR_STARTING_POD, "Error starting pod '" + podName + "': " + trouble.getMessage());
        seen = doors.status().write(seen, change(restarts).running(problem));
    }

    /** Whether the object shows this very pod at work. */
    private boolean isShownAsRunning(int restarts) {
        DataVolumeStatus status = seen.getStatus();
        return status != null
                && status.restartCount() != null
                && status.restartCount() == restarts
                && DataVolumePhase.of(seen) == DataVolumePhase.IMPORT_IN_PROGRESS
                && OwnedStatus.aspect(status, ConditionTypes.RUNNING)
                        .filter(Aspect.podIsRunning()::equals)
                        .isPresent();
    }

    private StatusChange change(int restarts) {
        return StatusChange.none().restarts(restarts).claimName(plan.claimName());
    }

    private boolean isDue() {
        return System.nanoTime() - shownNanos >= timings.showEvery().toNanos();
    }

    /** Whether it could be shown. */
    private boolean show(StatusChange change) {
        shownNanos = System.nanoTime();
        try {
            seen = doors.status().write(seen, change);
            return true;
        } catch (Conflict e) {
            return false;
        } catch (Trouble e) {
            if (e.kind() != Trouble.Kind.TRANSIENT || e.reason().equals("Superseded")) {
                throw e;
            }
            doing = doing + "; cannot show it on the object: " + e.getMessage();
            return false;
        }
    }

    private void project(Pod pod, Map<String, String> annotations) {
        Optional<String> uid = Optional.of(pod.getMetadata().getUid());
        if (projectedPod.equals(uid)) {
            return;
        }
        try {
            doors.claims().annotate(target, annotations);
            projectedPod = uid;
        } catch (Trouble e) {
            if (e.kind() != Trouble.Kind.TRANSIENT) {
                throw e;
            }
            doing = doing + "; cannot show it on the claim: " + e.getMessage();
        }
    }
}
