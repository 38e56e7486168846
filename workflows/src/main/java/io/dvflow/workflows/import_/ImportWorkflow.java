package io.dvflow.workflows.import_;

import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Fills one DataVolume: plan, claim, wait for a consumer where the class asks for it, transfer, hand over, finish. Ends
 * when the outcome stands on the object, whatever the outcome is; it fails only if the object can no longer be told.
 */
@WorkflowInterface
public interface ImportWorkflow {

    @WorkflowMethod(name = "Import")
    ImportResult run(OperationRef object);

    /** What the operation is doing, for whom, and what it waits for. */
    @QueryMethod
    OperationState state();

    /**
     * What the object's annotations ask. Sent by the bridge, with the ID {@code intent-<resource version>}.
     *
     * @throws io.temporal.client.WorkflowUpdateException from the caller's stub if nothing new is asked, or something
     *     older than already known; neither leaves a trace in the history
     */
    @UpdateMethod
    void intent(Intent intent);

    @UpdateValidatorMethod(updateName = "intent")
    void validateIntent(Intent intent);

    /** A consumer of the claim has appeared; look at the claim now. ID {@code consumer-<pod uid>}. */
    @UpdateMethod
    void consumerArrived(String consumer);

    /**
     * The checkpoints in the object's spec have changed; read them now. ID {@code checkpoints-<generation>}.
     *
     * @param generation of the object that was seen
     */
    @UpdateMethod
    void checkpointsChanged(long generation);

    @UpdateValidatorMethod(updateName = "checkpointsChanged")
    void validateCheckpointsChanged(long generation);

    /** Stops the transfer and keeps what it has; for operators in Temporal. The object's annotation does the same. */
    @UpdateMethod
    void pause();

    @UpdateValidatorMethod(updateName = "pause")
    void validatePause();

    /** Goes on after {@link #pause()}. */
    @UpdateMethod
    void resume();

    @UpdateValidatorMethod(updateName = "resume")
    void validateResume();

    /** Tries the current step again now instead of waiting out its back-off. */
    @UpdateMethod
    void retry();

    /**
     * Reads the source at most this fast from now on, and writes so on the object; for operators in Temporal. The object's
     * annotation does the same.
     *
     * @param bytesPerSecond a quantity such as {@code 50Mi}; {@code 0} for no limit
     */
    @UpdateMethod
    void setRateLimit(String bytesPerSecond);

    @UpdateValidatorMethod(updateName = "setRateLimit")
    void validateSetRateLimit(String bytesPerSecond);

    /** Gives the operation up for good; what it made is removed, the object stays and says so. */
    @UpdateMethod
    void cancel();
}
