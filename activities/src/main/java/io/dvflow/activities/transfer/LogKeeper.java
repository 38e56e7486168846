package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.transfer.KeptLog;
import io.dvflow.transfer.TransferJson;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the end of a pod's log on the object, since the log goes with the pod. For people: no operation waits for it, and
 * none fails for want of it.
 */
final class LogKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(LogKeeper.class);

    private final TransferActivitiesImpl.Doors doors;
    private final OperationRef object;

    LogKeeper(TransferActivitiesImpl.Doors doors, OperationRef object) {
        this.doors = doors;
        this.object = object;
    }

    void keep(Pod pod, TransferLog said) {
        KeptLog kept = new KeptLog(pod.getMetadata().getName(), PodReader.attemptOf(pod), said.lastLines())
                .ending(PodReader.lastWords(pod));
        Map<String, String> annotation = Map.of(DvflowAnnotations.LOG, TransferJson.write(kept));
        try {
            doors.status().annotate(doors.status().read(object), annotation);
        } catch (Trouble | Conflict e) {
            LOG.info("The last lines of pod {} are not kept: {}", kept.pod(), e.getMessage());
        }
    }
}
