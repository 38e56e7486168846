package io.dvflow.workflows.cleanup;

import io.dvflow.workflows.OperationRef;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Ends an operation whose own workflow can no longer do it: it was terminated, or its history is lost while the object is
 * being deleted. Started by the bridge.
 */
@WorkflowInterface
public interface CleanUpWorkflow {

    /** @param reason the sentence for people that becomes part of the outcome */
    @WorkflowMethod(name = "CleanUp")
    void run(OperationRef object, String reason);
}
