package io.dvflow.workflows;

/** Task queues. Long transfers have one of their own, so that they never starve the short steps. */
public final class TaskQueues {

    /** Workflows and short activities. */
    public static final String CONTROL = "dvflow-control";

    /** Activities that follow a transfer pod for as long as it runs; a slot is a running transfer. */
    public static final String TRANSFER = "dvflow-transfer";

    private TaskQueues() {}
}
