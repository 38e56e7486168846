package io.dvflow.activities.transfer;

import io.dvflow.activities.status.DvflowReasons;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why a pod that has its node does not start. The pod itself only says that its container is being created; what is missing
 * stands in the node's events.
 */
final class StartTrouble {

    private static final String CREATING = "ContainerCreating";
    private static final Pattern MISSING = Pattern.compile("(?i)\\b(secret|configmap) \"?([^\"\\s]+)\"? not found");
    private static final Pattern VOLUME = Pattern.compile("(?i)\\bfor volume \"?([^\"\\s]+)\"?");

    private final TransferPods pods;
    private final Duration interval;
    private Optional<PodState.Pending> known = Optional.empty();
    private long lookedNanos;

    /** @param interval least time between two looks at events */
    StartTrouble(TransferPods pods, Duration interval) {
        this.pods = pods;
        this.interval = interval;
        this.lookedNanos = System.nanoTime() - interval.toNanos();
    }

    /** The same, with what the node says about it. */
    PodState.Pending explain(PodState.Pending pending) {
        if (!pending.reason().equals(CREATING)) {
            return pending;
        }
        if (System.nanoTime() - lookedNanos >= interval.toNanos()) {
            lookedNanos = System.nanoTime();
            known = pods.mountTrouble(pending.pod()).map(said -> explained(pending.pod(), said));
        }
        return known.orElse(pending);
    }

    private static PodState.Pending explained(Pod pod, String said) {
        return new PodState.Pending(
                pod, DvflowReasons.FAILED_MOUNT, words(pod.getMetadata().getNamespace(), said));
    }

    static String words(String namespace, String said) {
        Matcher missing = MISSING.matcher(said);
        if (missing.find()) {
            String kind = missing.group(1).equalsIgnoreCase("secret") ? "Secret" : "ConfigMap";
            String name = missing.group(2).substring(missing.group(2).lastIndexOf('/') + 1);
            return kind + " " + namespace + "/" + name
                    + " does not exist, and the transfer pod waits for it; create it, or "
                    + "name another one in a new DataVolume";
        }
        Matcher volume = VOLUME.matcher(said);
        return "The node cannot mount " + (volume.find() ? "volume " + volume.group(1) : "a volume")
                + " of the transfer pod: " + said;
    }
}
