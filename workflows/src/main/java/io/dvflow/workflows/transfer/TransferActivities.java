package io.dvflow.workflows.transfer;

import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.Stages;
import io.temporal.activity.ActivityInterface;

@ActivityInterface
public interface TransferActivities {

    /**
     * Makes sure that a transfer pod runs, follows it to its end, and shows its progress on the object. One call is the
     * whole transfer, however many pods it takes: a failed pod fails the attempt, and the retry starts the next one.
     * Heartbeats carry {@link TransferHeartbeat}.
     *
     * <p>Fails with {@code Transient}, {@code NeedsChange}, {@code Waiting} (all retried), {@code ScratchRequired},
     * {@code Final}, {@code GaveUp} or {@code ObjectGone} (not retried).
     *
     * @param earlier what a transfer that was stopped before had come to; {@link TransferProgress#NONE} at first
     */
    TransferReceipt transfer(OperationRef object, ImportPlan plan, TransferProgress earlier);

    /**
     * Stops the transfer pod, if there is one, waits until it is gone, and returns what is durable, so that a later
     * {@link #transfer} goes on from there. Shows on the object that it is paused if {@code show} says so.
     */
    TransferProgress stop(OperationRef object, ImportPlan plan, TransferProgress earlier, StopReason reason);

    /**
     * After a stage of a multi-stage import: writes down on the claim that it is copied, and reads from the object what
     * comes next. Shows that the import waits when nothing does. May be called again at any time.
     *
     * @param plan at the stage that is copied; without one to only look again
     */
    Stages nextStage(OperationRef object, ImportPlan plan);

    /**
     * Makes the transfer pod, if one is there, read as fast as the object says and no faster. Pods that come later read the
     * object themselves.
     *
     * <p>Fails with {@code ObjectGone}.
     *
     * @param change what to write on the object first
     */
    void limitRate(OperationRef object, RateChange change);

    /** Why a transfer is stopped though it could go on. */
    enum StopReason {
        /** It stays stopped until somebody resumes it, and the object shows that. */
        PAUSED,
        /** It is started again at once. */
        RETRIED
    }
}
