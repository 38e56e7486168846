package io.dvflow.activities.transfer;

import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.DvflowReasons;
import io.dvflow.activities.status.StatusChange;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.transfer.TransferActivities.StopReason;
import io.dvflow.workflows.transfer.TransferHeartbeat;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import java.util.Optional;

/** Ends a transfer so that it can go on later: the pod flushes what it has, says so, and is gone. */
final class TransferStop {

    private final TransferActivitiesImpl.Doors doors;
    private final OperationRef object;
    private final ImportPlan plan;
    private final TransferProgress earlier;
    private final ActivityExecutionContext temporal = Activity.getExecutionContext();

    TransferStop(TransferActivitiesImpl.Doors doors, OperationRef object, ImportPlan plan, TransferProgress earlier) {
        this.doors = doors;
        this.object = object;
        this.plan = plan;
        this.earlier = earlier;
    }

    TransferProgress stop(StopReason reason) {
        TransferProgress stopped = heardByAnEarlierAttempt();
        for (Pod pod : doors.pods().labelled(object.namespace(), object.uid())) {
            stopped = switch (PodReader.stateOf(Optional.of(pod))) {
                // What has ended writes nothing any more, and is the record that the next transfer reads.
                case PodState.Complete _ -> stopped;
                case PodState.Failed _, PodState.NeedsScratch _ -> stopped;
                case PodState.Absent _ -> stopped;
                case PodState.Pending _, PodState.Running _, PodState.Leaving _ -> stop(pod, stopped);
            };
        }
        if (reason == StopReason.PAUSED) {
            showPaused();
        }
        return stopped;
    }

    private TransferProgress stop(Pod pod, TransferProgress before) {
        TransferLog log = new TransferLog();
        new PodRemoval(doors.pods())
                .stopAndListen(pod, log, doing -> temporal.heartbeat(heartbeat(pod, doing, log, before)));
        new LogKeeper(doors, object).keep(pod, log);
        TransferProgress stopped = progress(pod, log, before);
        // With the pod its log is gone: should the answer get lost, the next attempt still knows.
        temporal.heartbeat(heartbeat(pod, "stopped", log, before));
        return stopped;
    }

    private TransferProgress heardByAnEarlierAttempt() {
        return temporal.getHeartbeatDetails(TransferHeartbeat.class)
                .map(TransferHeartbeat::soFar)
                .filter(heard -> heard.durable().isPresent())
                .orElse(earlier);
    }

    private static TransferHeartbeat heartbeat(Pod pod, String doing, TransferLog log, TransferProgress before) {
        return new TransferHeartbeat(
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                doing,
                log.progress(),
                progress(pod, log, before));
    }

    private static TransferProgress progress(Pod pod, TransferLog log, TransferProgress before) {
        int restarts = Math.max(before.restarts(), PodReader.attemptOf(pod) - 1);
        return new TransferProgress(restarts, log.durable().or(before::durable), before.scratch());
    }

    private void showPaused() {
        DataVolume seen = doors.status().read(object);
        doors.status()
                .write(
                        seen,
                        StatusChange.none()
                                .phase(DataVolumePhase.PAUSED)
                                .claimName(plan.claimName())
                                .running(Aspect.not(DvflowReasons.PAUSED, "Paused on request")));
    }
}
