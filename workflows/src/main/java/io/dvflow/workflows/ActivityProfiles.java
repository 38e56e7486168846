package io.dvflow.workflows;

import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import java.time.Duration;

/**
 * Options of every activity. None has a limit of attempts: what may give up is the object's own ceiling, and a worker
 * that shuts down uses up attempts too. Options may change between releases; they are not part of what is replayed.
 */
public final class ActivityProfiles {

    private static final String[] NOT_RETRIED = {
        FailureTypes.FINAL, FailureTypes.GAVE_UP, FailureTypes.OBJECT_GONE, FailureTypes.SCRATCH_REQUIRED,
    };

    private ActivityProfiles() {}

    /** A few calls to the API server: over within seconds, or worth another try. */
    public static ActivityOptions shortStep(String summary) {
        return base(summary, TaskQueues.CONTROL)
                .setStartToCloseTimeout(Duration.ofMinutes(1))
                .build();
    }

    /** Waits for other controllers (a pod that ends, a claim that binds) and says every few seconds that it lives. */
    public static ActivityOptions waitingStep(String summary) {
        return base(summary, TaskQueues.CONTROL)
                .setStartToCloseTimeout(Duration.ofMinutes(15))
                .setHeartbeatTimeout(Duration.ofSeconds(30))
                .build();
    }

    /**
     * Follows a transfer pod. The pod outlives an attempt that is cut off, so the day is no limit to a transfer: the next
     * attempt goes on following.
     */
    public static ActivityOptions transfer(String summary) {
        return base(summary, TaskQueues.TRANSFER)
                .setStartToCloseTimeout(Duration.ofHours(24))
                .setHeartbeatTimeout(Duration.ofSeconds(30))
                .build();
    }

    private static ActivityOptions.Builder base(String summary, String taskQueue) {
        return ActivityOptions.newBuilder()
                .setSummary(summary)
                .setTaskQueue(taskQueue)
                // Whoever deletes a pod has to know that nobody is about to create one.
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                .setRetryOptions(RetryOptions.newBuilder()
                        .setInitialInterval(Duration.ofSeconds(1))
                        .setBackoffCoefficient(2)
                        .setMaximumInterval(Duration.ofSeconds(30))
                        .setDoNotRetry(NOT_RETRIED)
                        .build());
    }
}
