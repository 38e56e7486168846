package io.dvflow.workflows.claim;

import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.temporal.activity.ActivityInterface;

@ActivityInterface
public interface ClaimActivities {

    /**
     * Makes sure that the target claim exists and, unless a consumer has to come first, that the claim to fill does too.
     * May be called again at any time; what exists already and is ours is left as it is.
     *
     * <p>Fails with {@code NeedsChange} (a foreign claim has the name, quota, class missing) or {@code ObjectGone}.
     */
    ClaimState prepare(OperationRef object, ImportPlan plan);

    /**
     * Makes sure that there is scratch space beside the claim to fill. One that has turned out too small is replaced, and
     * what is in it lost. Does not wait for its volume: the class may want to see the pod first.
     *
     * <p>Fails with {@code NeedsChange} (a foreign claim has the name, quota) or {@code ObjectGone}.
     *
     * @param bytes what the transfer asked for; 0 if it does not know
     */
    ScratchSpace prepareScratch(OperationRef object, ImportPlan plan, long bytes);

    /**
     * Gives the filled volume to the target claim and waits until it is bound. Does nothing on the direct path. May be
     * called again after it succeeded.
     */
    void handOver(OperationRef object, ImportPlan plan);
}
