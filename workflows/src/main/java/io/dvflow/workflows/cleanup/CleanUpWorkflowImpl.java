package io.dvflow.workflows.cleanup;

import io.dvflow.workflows.ActivityProfiles;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.workflow.Workflow;

/** See {@link CleanUpWorkflow}. */
public final class CleanUpWorkflowImpl implements CleanUpWorkflow {

    private final FinishActivities finishing = Workflow.newActivityStub(
            FinishActivities.class, ActivityProfiles.waitingStep("Remove what the operation made"));

    @Override
    public void run(OperationRef object, String reason) {
        finishing.abandon(object, Outcome.CANCELLED, reason);
    }
}
