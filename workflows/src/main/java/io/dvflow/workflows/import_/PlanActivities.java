package io.dvflow.workflows.import_;

import io.dvflow.workflows.OperationRef;
import io.temporal.activity.ActivityInterface;

@ActivityInterface
public interface PlanActivities {

    /**
     * Reads the object and decides how its claim will look and be filled. Writes nothing but the reason when it cannot.
     *
     * <p>Fails with {@code NeedsChange} (no class, no size, a source this release does not carry out ...) or
     * {@code ObjectGone}.
     */
    ImportPlan plan(OperationRef object);
}
