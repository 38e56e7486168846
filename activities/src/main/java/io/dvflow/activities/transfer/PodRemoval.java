package io.dvflow.activities.transfer;

import io.dvflow.activities.Patience;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.activities.transfer.TransferPods.PodLog;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.activity.Activity;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Takes pods away and waits until they are gone. Only an object that is gone proves that its container has ended: on a
 * node that nobody hears of, it may still be writing.
 */
public final class PodRemoval {

    /** A pod has 30 s to end; after this long the node is in trouble, and the attempt is given back to Temporal. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final TransferPods pods;

    public PodRemoval(TransferPods pods) {
        this.pods = pods;
    }

    /** @throws Trouble {@code Transient} when the pod does not go away */
    public void remove(Pod pod) {
        Bell bell = new Bell();
        try (Following<Pod> following = follow(pod, bell)) {
            pods.delete(pod);
            awaitGone(
                    pod,
                    following,
                    bell,
                    doing -> Activity.getExecutionContext().heartbeat(doing));
        }
    }

    /**
     * As {@link #remove}, and listens to the pod to its last line.
     *
     * @param alive tells Temporal what is going on
     */
    void stopAndListen(Pod pod, TransferLog log, Consumer<String> alive) {
        Bell bell = new Bell();
        try (Following<Pod> following = follow(pod, bell);
                PodLog reading = listen(pod, log, bell)) {
            pods.delete(pod);
            awaitGone(pod, following, bell, alive);
            // The last lines may be a moment behind the news of the end.
            Patience patience = Patience.of(TransferTimings.DEFAULT.drain());
            while (!reading.hasEnded() && !patience.isOver()) {
                bell.await(Duration.ofMillis(100));
            }
        }
    }

    private Following<Pod> follow(Pod pod, Bell bell) {
        return pods.follow(pod.getMetadata().getNamespace(), pod.getMetadata().getName(), bell);
    }

    private PodLog listen(Pod pod, TransferLog log, Bell bell) {
        if (PodReader.stateOf(Optional.of(pod)) instanceof PodState.Pending) {
            return new Silence();
        }
        try {
            return pods.followLog(pod, Optional.empty(), log::accept, bell);
        } catch (Trouble e) {
            // The container has not started, or has just ended; what the heartbeat knew will have to do.
            return new Silence();
        }
    }

    private static void awaitGone(Pod pod, Following<Pod> following, Bell bell, Consumer<String> alive) {
        String name = pod.getMetadata().getName();
        Patience patience = Patience.of(LIMIT);
        while (isThere(pod, following.latest())) {
            if (patience.isOver()) {
                throw Trouble.of(
                        Trouble.Kind.TRANSIENT,
                        "PodNotGone",
                        "Pod " + name + " was told to end " + LIMIT.toMinutes() + " min ago and is not gone; node "
                                + pod.getSpec().getNodeName() + " may be down, and until it is back or removed from "
                                + "the cluster nothing else may write to the volume");
            }
            alive.accept("waiting for pod " + name + " to be gone");
            bell.await(Patience.TICK);
        }
    }

    private static boolean isThere(Pod pod, Optional<Pod> latest) {
        return latest.filter(seen ->
                        seen.getMetadata().getUid().equals(pod.getMetadata().getUid()))
                .isPresent();
    }

    /** A log with nothing in it. */
    private record Silence() implements PodLog {
        @Override
        public boolean hasEnded() {
            return true;
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }
}
