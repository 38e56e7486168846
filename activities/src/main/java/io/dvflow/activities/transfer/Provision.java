package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes what a pod waits for and what belongs to it, so can only be made after it. Done again by every attempt that finds the
 * pod waiting, since the one that made the pod may not have come this far.
 */
final class Provision {

    private final TransferPods pods;
    private final Supplier<PodSettings> settings;
    private final TransferShow show;
    /** UID of the pod that is known to have everything. */
    private Optional<String> provided = Optional.empty();

    Provision(TransferPods pods, Supplier<PodSettings> settings, TransferShow show) {
        this.pods = pods;
        this.settings = settings;
        this.show = show;
    }

    /** @throws Trouble if something cannot be made */
    void provide(Pod pod, int restarts) {
        Optional<String> uid = Optional.of(pod.getMetadata().getUid());
        if (provided.equals(uid) || !PodProxy.needsObjects(pod)) {
            return;
        }
        try {
            PodProxy.objectsOf(pod, settings.get().proxies()).forEach(pods::createBeside);
            provided = uid;
        } catch (Trouble e) {
            show.cannotStart(pod.getMetadata().getName(), e, restarts);
            throw e;
        }
    }
}
