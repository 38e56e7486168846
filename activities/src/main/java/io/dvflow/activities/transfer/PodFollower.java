package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.transfer.TransferPods.PodLog;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.Optional;

/** Reads the log of the pod that runs: one stream, opened again where it broke off for as long as the pod does. */
final class PodFollower implements AutoCloseable {

    /** Lines are read twice rather than missed; they say how things are, so twice does no harm. */
    private static final Duration OVERLAP = Duration.ofSeconds(3);

    private static final Duration BETWEEN_OPENINGS = Duration.ofSeconds(2);

    private final TransferPods pods;
    private final Bell bell;
    private TransferLog said = new TransferLog();
    private Optional<String> podUid = Optional.empty();
    private Optional<PodLog> reading = Optional.empty();
    private long openedNanos;

    PodFollower(TransferPods pods, Bell bell) {
        this.pods = pods;
        this.bell = bell;
    }

    TransferLog said() {
        return said;
    }

    /** What this pod, which has ended, has said: also one whose log nobody here has read. */
    TransferLog saidBy(Pod pod) {
        return podUid.equals(Optional.of(pod.getMetadata().getUid())) ? said : TransferLog.of(pods.lastLines(pod));
    }

    /** Sees to it that the log of this running pod is being read. */
    void follow(Pod pod) {
        String uid = pod.getMetadata().getUid();
        if (!podUid.equals(Optional.of(uid))) {
            close();
            podUid = Optional.of(uid);
            said = new TransferLog();
            open(pod, Optional.empty());
            return;
        }
        if (hasEnded() && System.nanoTime() - openedNanos > BETWEEN_OPENINGS.toNanos()) {
            open(pod, Optional.of(Duration.ofSeconds(said.silentSeconds()).plus(OVERLAP)));
        }
    }

    boolean hasEnded() {
        return reading.map(PodLog::hasEnded).orElse(true);
    }

    private void open(Pod pod, Optional<Duration> since) {
        close();
        openedNanos = System.nanoTime();
        try {
            reading = Optional.of(pods.followLog(pod, since, said::accept, bell));
        } catch (Trouble e) {
            // The API server or the node is away: the pod works on, and its log is there when they are back.
            reading = Optional.empty();
        }
    }

    @Override
    public void close() {
        reading.ifPresent(PodLog::close);
        reading = Optional.empty();
    }
}
