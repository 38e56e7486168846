package io.dvflow.workflows.finish;

import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.temporal.activity.ActivityInterface;
import java.util.Optional;

@ActivityInterface
public interface FinishActivities {

    /**
     * Removes what the operation needed only while it ran, writes phase {@code Succeeded} with outcome, conditions, claim
     * annotations and event, and takes the finalizer away.
     *
     * @param receipt what was moved; empty when the claim had its content already
     */
    void succeed(OperationRef object, ImportPlan plan, Optional<TransferReceipt> receipt);

    /**
     * Ends the operation without a disk: removes pods and prime claims, writes the outcome if the object is still there,
     * and takes the finalizer away. Works from the object's name and UID alone, so that it can follow any step, and may
     * be called again after it succeeded.
     *
     * @param outcome anything but {@link Outcome#SUCCEEDED}; an object that is being deleted is not written to
     * @param message the sentence for people
     */
    void abandon(OperationRef object, Outcome outcome, String message);
}
