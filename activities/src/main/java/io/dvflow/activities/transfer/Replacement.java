package io.dvflow.activities.transfer;

import io.dvflow.transfer.ResumeMap;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/** Takes a pod that has ended out of the way of the next. */
final class Replacement {

    private final TransferPods pods;
    private Optional<String> replaced = Optional.empty();

    Replacement(TransferPods pods) {
        this.pods = pods;
    }

    boolean isUnderWayFor(Pod pod) {
        return replaced.equals(Optional.of(pod.getMetadata().getUid()));
    }

    /** Deletes the pod; what it had made durable stands in its log. */
    Optional<ResumeMap> begin(Pod pod) {
        TransferLog record = TransferLog.of(pods.lastLines(pod));
        pods.delete(pod);
        replaced = Optional.of(pod.getMetadata().getUid());
        return record.durable();
    }
}
