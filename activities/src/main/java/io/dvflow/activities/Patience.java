package io.dvflow.activities;

import io.temporal.activity.Activity;
import java.time.Duration;

/** A limited wait inside an activity, with signs of life. */
public final class Patience {

    /** How often to look, and to say so; far below every heartbeat timeout. */
    public static final Duration TICK = Duration.ofSeconds(2);

    private final long startedNanos = System.nanoTime();
    private final Duration limit;

    private Patience(Duration limit) {
        this.limit = limit;
    }

    public static Patience of(Duration limit) {
        return new Patience(limit);
    }

    public boolean isOver() {
        return System.nanoTime() - startedNanos >= limit.toNanos();
    }

    /**
     * Says what is going on.
     *
     * @throws io.temporal.client.ActivityCompletionException when the activity is not wanted any more, or Temporal was
     *     not reached for too long; neither is a reason to delete anything
     */
    public void heartbeat(String doing) {
        Activity.getExecutionContext().heartbeat(doing);
    }
}
