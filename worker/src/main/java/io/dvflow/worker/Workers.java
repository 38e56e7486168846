package io.dvflow.worker;

import io.dvflow.temporal.TemporalConnection;
import io.dvflow.workflows.TaskQueues;
import io.dvflow.workflows.cleanup.CleanUpWorkflowImpl;
import io.dvflow.workflows.import_.ImportWorkflowImpl;
import io.temporal.worker.Worker;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerFactoryOptions;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;

/** One worker for short steps and workflows, one for transfers, so that neither starves the other. */
final class Workers {

    /** A cancel reaches an activity with its next heartbeat; the SDK would send one only every 24 s. */
    private static final Duration HEARTBEAT_AT_LEAST_EVERY = Duration.ofSeconds(5);

    /** Steps that wait for other controllers hold a virtual thread and nothing else. */
    private static final int SHORT_STEPS = 200;

    /**
     * When a workflow that does not yield is reported. The SDK's one second is less than a burst of operations may take
     * from a worker with half a core, and each false alarm costs a workflow its task.
     */
    private static final Duration DEADLOCK = Duration.ofSeconds(10);

    private Workers() {}

    static WorkerFactory create(TemporalConnection connection, ActivitySet activities, int maxTransfers) {
        WorkerFactory factory = WorkerFactory.newInstance(
                connection.client(),
                WorkerFactoryOptions.newBuilder()
                        .setUsingVirtualWorkflowThreads(true)
                        .build());
        Worker control = factory.newWorker(TaskQueues.CONTROL, options(SHORT_STEPS));
        control.registerWorkflowImplementationTypes(ImportWorkflowImpl.class, CleanUpWorkflowImpl.class);
        // Stopping a transfer is a short step of its own: it must not wait for a slot that the transfer holds.
        control.registerActivitiesImplementations(
                activities.planning(), activities.claims(), activities.transfers(), activities.finishing());
        Worker transfer = factory.newWorker(TaskQueues.TRANSFER, options(maxTransfers));
        transfer.registerActivitiesImplementations(activities.transfers());
        return factory;
    }

    private static WorkerOptions options(int activities) {
        return WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(activities)
                .setMaxHeartbeatThrottleInterval(HEARTBEAT_AT_LEAST_EVERY)
                .setUsingVirtualThreadsOnActivityWorker(true)
                .setDefaultDeadlockDetectionTimeout(DEADLOCK.toMillis())
                .build();
    }
}
