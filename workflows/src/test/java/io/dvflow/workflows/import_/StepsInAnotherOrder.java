package io.dvflow.workflows.import_;

import io.dvflow.workflows.ActivityProfiles;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.workflow.Workflow;
import java.util.Optional;

/** What a careless change would look like: an import whose first step is not the plan. Replay has to refuse it. */
public final class StepsInAnotherOrder implements ImportWorkflow {

    private final FinishActivities finishing =
            Workflow.newActivityStub(FinishActivities.class, ActivityProfiles.waitingStep("Clean up first"));

    @Override
    public ImportResult run(OperationRef object) {
        finishing.abandon(object, Outcome.CANCELLED, "a new first step");
        return new ImportResult(Outcome.CANCELLED, "", Optional.empty());
    }

    @Override
    public OperationState state() {
        return new OperationState(Step.PLAN, false, Optional.empty(), Optional.empty(), Optional.empty());
    }

    @Override
    public void intent(Intent intent) {}

    @Override
    public void validateIntent(Intent intent) {}

    @Override
    public void consumerArrived(String consumer) {}

    @Override
    public void checkpointsChanged(long generation) {}

    @Override
    public void validateCheckpointsChanged(long generation) {}

    @Override
    public void pause() {}

    @Override
    public void validatePause() {}

    @Override
    public void resume() {}

    @Override
    public void validateResume() {}

    @Override
    public void retry() {}

    @Override
    public void setRateLimit(String bytesPerSecond) {}

    @Override
    public void validateSetRateLimit(String bytesPerSecond) {}

    @Override
    public void cancel() {}
}
