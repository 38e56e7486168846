package io.dvflow.workflows.import_;

import io.dvflow.workflows.Intent;
import io.dvflow.workflows.transfer.RateChange;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * What people and the bridge have asked of one operation so far. Counters, not flags, where one request has to be told
 * from the next: whoever waits remembers the count it started from.
 */
final class Requests {

    private Intent annotations = Intent.NONE;
    private boolean paused;
    private boolean cancelled;
    private int retries;
    private int consumers;
    private long generation;
    private final Deque<RateChange> rateChanges = new ArrayDeque<>();

    boolean paused() {
        return paused && !cancelled;
    }

    boolean cancelled() {
        return cancelled;
    }

    int retries() {
        return retries;
    }

    /** Generation of the object at which its checkpoints were last seen to change. */
    long generation() {
        return generation;
    }

    int consumers() {
        return consumers;
    }

    /** What has been asked about the rate and not been taken yet; oldest first. */
    Deque<RateChange> rateChanges() {
        return rateChanges;
    }

    /** Why {@link #accept(Intent)} would be pointless, or null. */
    String reasonToRefuse(Intent intent) {
        if (intent.asksTheSameAs(annotations)) {
            return "the annotations ask nothing new: " + intent;
        }
        if (intent.observedVersion() < annotations.observedVersion()) {
            return "read at resource version " + intent.observedVersion() + ", older than "
                    + annotations.observedVersion() + ", which is known already";
        }
        return null;
    }

    /**
     * Follows what has changed on the annotations since they were last seen. What has not changed there keeps what an
     * operator may have asked in Temporal meanwhile.
     */
    void accept(Intent intent) {
        if (intent.paused() != annotations.paused()) {
            paused = intent.paused();
        }
        if (intent.cancelled()) {
            cancelled = true;
        }
        if (intent.retryToken().isPresent() && !intent.retryToken().equals(annotations.retryToken())) {
            retries++;
        }
        if (!intent.rateLimit().equals(annotations.rateLimit())) {
            rateChanges.add(RateChange.AS_THE_OBJECT_SAYS);
        }
        annotations = intent;
    }

    /** What the annotations said when the plan was made; a retry asked for before the start asks nothing. */
    void startFrom(Intent intent) {
        if (reasonToRefuse(intent) == null) {
            paused |= intent.paused();
            cancelled |= intent.cancelled();
            annotations = intent;
        }
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    void retry() {
        retries++;
    }

    void limitRate(String bytesPerSecond) {
        rateChanges.add(new RateChange(Optional.of(bytesPerSecond)));
    }

    void cancel() {
        cancelled = true;
    }

    void checkpointsChanged(long seen) {
        generation = Math.max(generation, seen);
    }

    void consumerArrived() {
        consumers++;
    }
}
