package io.dvflow.activities.transfer;

import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Following;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The only door to transfer pods. */
public interface TransferPods {

    /** Keeps one pod in sight; its first answer is there when this returns. */
    Following<Pod> follow(String namespace, String name, Bell bell);

    /** @throws io.dvflow.activities.kubernetes.Conflict when a pod has the name already */
    Pod create(Pod pod);

    /** Makes a Secret or ConfigMap that a pod reads; does nothing if there is one of that name. */
    void createBeside(HasMetadata object);

    /** Deletes that very pod; does nothing when it is gone. It gets its own grace period to flush what is in flight. */
    void delete(Pod pod);

    /**
     * Adds annotations to that very pod; a null value removes one. Does nothing when the pod is gone.
     *
     * @return the pod as it is now, or as it was
     */
    Pod annotate(Pod pod, Map<String, String> annotations);

    /** Makes this the only owner of that very pod. Does nothing when the pod is gone. */
    void give(Pod pod, OwnerReference owner);

    /** The newest complaint of the node about a volume that the pod mounts; empty if there is none. */
    Optional<String> mountTrouble(Pod pod);

    /** Pods with the label of a DataVolume. */
    List<Pod> labelled(String namespace, String dataVolumeUid);

    /**
     * Reads what the pod prints from now on, line by line, in a thread of its own.
     *
     * @param since how far back to begin; empty for everything it has printed
     * @param lines called for each line, in order; the bell rings after it
     */
    PodLog followLog(Pod pod, Optional<Duration> since, Consumer<String> lines, Bell bell);

    /** The last lines that the pod has printed; empty when the node does not have them any more. */
    List<String> lastLines(Pod pod);

    /** A log that is being read. */
    interface PodLog extends AutoCloseable {

        /** Whether the stream has ended: the container did, or the connection broke. */
        boolean hasEnded();

        @Override
        void close();
    }
}
