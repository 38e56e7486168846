package io.dvflow.workflows.import_;

import io.dvflow.transfer.ByteRate;
import io.dvflow.workflows.ActivityProfiles;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.SearchAttributes;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.import_.InterruptibleSteps.DeadlineReached;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferActivities.StopReason;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Workflow;
import io.temporal.workflow.WorkflowInit;
import java.util.Optional;

/** See {@link ImportWorkflow}. */
public final class ImportWorkflowImpl implements ImportWorkflow {

    private final PlanActivities planning =
            Workflow.newActivityStub(PlanActivities.class, ActivityProfiles.shortStep("Plan the claim"));
    private final ClaimActivities claims =
            Workflow.newActivityStub(ClaimActivities.class, ActivityProfiles.shortStep("Prepare the claim"));
    private final ClaimActivities scratching =
            Workflow.newActivityStub(ClaimActivities.class, ActivityProfiles.shortStep("Prepare scratch space"));
    private final ClaimActivities handingOver =
            Workflow.newActivityStub(ClaimActivities.class, ActivityProfiles.waitingStep("Hand the volume over"));
    private final TransferActivities transfers =
            Workflow.newActivityStub(TransferActivities.class, ActivityProfiles.transfer("Transfer the image"));
    private final TransferActivities looking =
            Workflow.newActivityStub(TransferActivities.class, ActivityProfiles.shortStep("Look for a checkpoint"));
    private final TransferActivities stopping =
            Workflow.newActivityStub(TransferActivities.class, ActivityProfiles.waitingStep("Stop the transfer"));
    private final FinishActivities finishing =
            Workflow.newActivityStub(FinishActivities.class, ActivityProfiles.waitingStep("Write the outcome"));

    private final OperationRef object;
    private final Requests requests = new Requests();
    private final InterruptibleSteps steps = new InterruptibleSteps(requests);

    private final Standing standing;

    @WorkflowInit
    public ImportWorkflowImpl(OperationRef object) {
        this.object = object;
        this.standing = new Standing(object, requests);
    }

    @Override
    public ImportResult run(OperationRef object) {
        new RateKeeper(object, requests).start();
        try {
            return fill();
        } catch (CancelledOnRequest e) {
            return abandon(Outcome.CANCELLED, "Cancelled on request");
        } catch (CanceledFailure e) {
            abandon(Outcome.CANCELLED, "The workflow was cancelled");
            throw e;
        } catch (DeadlineReached e) {
            return abandon(Outcome.GAVE_UP, e.getMessage());
        } catch (ActivityFailure e) {
            if (e.getCause() instanceof CanceledFailure cancelled) {
                abandon(Outcome.CANCELLED, "The workflow was cancelled");
                throw cancelled;
            }
            EndOfOperation end = EndOfOperation.of(e);
            return abandon(end.outcome(), end.message());
        }
    }

    private ImportResult fill() {
        ImportPlan plan = plan();
        if (plan.path() == ClaimPath.ALREADY_POPULATED) {
            return finish(plan, Optional.empty());
        }
        if (claim(plan) == ClaimState.POPULATED) {
            return finish(plan, Optional.empty());
        }
        TransferReceipt receipt = plan.stages().isPresent() ? transferInStages(plan) : transferAt(plan);
        handOver(plan);
        return finish(plan, Optional.of(receipt));
    }

    private ImportPlan plan() {
        standing.enter(Step.PLAN);
        ImportPlan plan = untilDone(() -> planning.plan(object));
        standing.planned(plan);
        requests.startFrom(plan.intent());
        steps.giveUpAt(plan.deadline());
        Workflow.upsertTypedSearchAttributes(
                SearchAttributes.SOURCE.valueSet(plan.source()),
                SearchAttributes.STORAGE_CLASS.valueSet(plan.storageClass().orElse("")));
        return plan;
    }

    private ClaimState claim(ImportPlan plan) {
        standing.enter(Step.CLAIM);
        Recheck recheck = new Recheck();
        while (true) {
            // Counted before the look, so that one who comes during it is not missed.
            int consumersBefore = requests.consumers();
            ClaimState state = untilDone(() -> claims.prepare(object, plan));
            if (state != ClaimState.AWAITS_CONSUMER) {
                return state;
            }
            standing.enter(Step.CONSUMER, "a pod that uses claim " + plan.claimName());
            int retriesBefore = requests.retries();
            steps.await(
                    recheck.next(),
                    () -> requests.consumers() > consumersBefore
                            || requests.retries() > retriesBefore
                            || requests.paused()
                            || requests.cancelled());
        }
    }

    private TransferReceipt transferAt(ImportPlan plan) {
        standing.enter(Step.TRANSFER);
        standing.showPhase("ImportInProgress");
        while (true) {
            try {
                return untilDone(() -> transfers.transfer(object, plan, standing.transferred()));
            } catch (ActivityFailure e) {
                standing.transferred(standing.transferred().in(scratch(plan, ScratchRequest.of(e))));
                standing.enter(Step.TRANSFER);
            }
        }
    }

    private ScratchSpace scratch(ImportPlan plan, ScratchRequest request) {
        standing.enter(Step.SCRATCH);
        long bytes = request.afterHaving(standing.transferred().scratch());
        return untilDone(() -> scratching.prepareScratch(object, plan, bytes));
    }

    /** Each stage writes over what the one before has made, so none begins before the other is written down as copied. */
    private TransferReceipt transferInStages(ImportPlan plan) {
        TransferReceipt receipt = null;
        Stages stages = plan.stages().orElseThrow();
        while (receipt == null || !stages.areDone()) {
            if (stages.awaitsMore()) {
                stages = awaitCheckpoint(plan);
            } else {
                ImportPlan stage = plan.inStages(stages).at(stages.next());
                standing.planned(stage);
                receipt = transferAt(stage);
                // What is durable of this stage says nothing of the next.
                standing.transferred(new TransferProgress(receipt.restarts(), Optional.empty()));
                stages = untilDone(() -> looking.nextStage(object, stage));
            }
        }
        return receipt;
    }

    private Stages awaitCheckpoint(ImportPlan plan) {
        standing.showPhase("Paused");
        Recheck recheck = new Recheck();
        while (true) {
            standing.enter(Step.CHECKPOINT);
            long seen = requests.generation();
            int retriesBefore = requests.retries();
            Stages stages = untilDone(() -> looking.nextStage(object, plan));
            if (!stages.awaitsMore()) {
                return stages;
            }
            standing.enter(Step.CHECKPOINT, "another checkpoint, or finalCheckpoint, in the spec of the DataVolume");
            steps.await(
                    recheck.next(),
                    () -> requests.generation() > seen
                            || requests.retries() > retriesBefore
                            || requests.paused()
                            || requests.cancelled());
        }
    }

    private void handOver(ImportPlan plan) {
        if (plan.path() != ClaimPath.POPULATOR) {
            return;
        }
        standing.enter(Step.HAND_OVER);
        steps.runToEnd(() -> {
            handingOver.handOver(object, plan);
            return plan;
        });
    }

    private ImportResult finish(ImportPlan plan, Optional<TransferReceipt> receipt) {
        standing.enter(Step.FINISH);
        steps.runToEnd(() -> {
            finishing.succeed(object, plan, receipt);
            return plan;
        });
        standing.showPhase("Succeeded");
        standing.enter(Step.DONE);
        return new ImportResult(
                Outcome.SUCCEEDED,
                receipt.map(TransferReceipt::message).orElse("The claim had its content already"),
                receipt);
    }

    private ImportResult abandon(Outcome outcome, String message) {
        Workflow.newDetachedCancellationScope(() -> {
                    standing.enter(Step.CLEAN_UP);
                    finishing.abandon(object, outcome, message);
                    standing.showPhase(outcome.wireName());
                    standing.enter(Step.DONE);
                })
                .run();
        return new ImportResult(outcome, message, Optional.empty());
    }

    /** Runs a step through pauses and retries until it has its result. */
    private <T> T untilDone(Functions.Func<T> activity) {
        Step current = standing.step();
        while (true) {
            holdWhilePaused();
            if (requests.cancelled()) {
                throw new CancelledOnRequest();
            }
            standing.enter(current);
            Optional<T> result = steps.run(activity);
            if (result.isPresent()) {
                return result.get();
            }
            if (current == Step.TRANSFER && !requests.cancelled() && !requests.paused()) {
                standing.transferred(stopTransfer(StopReason.RETRIED));
            }
        }
    }

    private void holdWhilePaused() {
        if (!requests.paused()) {
            return;
        }
        if (standing.planned().isPresent()) {
            standing.transferred(stopTransfer(StopReason.PAUSED));
        }
        standing.enter(standing.step(), "somebody to resume it");
        steps.await(() -> !requests.paused());
    }

    private TransferProgress stopTransfer(StopReason reason) {
        return stopping.stop(object, standing.planned().orElseThrow(), standing.transferred(), reason);
    }

    @Override
    public OperationState state() {
        return standing.state();
    }

    @Override
    public void intent(Intent intent) {
        requests.accept(intent);
    }

    @Override
    public void validateIntent(Intent intent) {
        refuseFor(requests.reasonToRefuse(intent));
    }

    @Override
    public void consumerArrived(String consumer) {
        requests.consumerArrived();
    }

    @Override
    public void checkpointsChanged(long generation) {
        requests.checkpointsChanged(generation);
    }

    @Override
    public void validateCheckpointsChanged(long generation) {
        refuseFor(
                generation > requests.generation()
                        ? null
                        : "generation " + generation + " of its checkpoints is known already");
    }

    @Override
    public void pause() {
        requests.pause();
    }

    @Override
    public void validatePause() {
        refuseFor(
                requests.paused()
                        ? "it is paused already"
                        : standing.isTooLateToPause()
                                ? "too late, it is " + standing.step().doing()
                                : null);
    }

    @Override
    public void resume() {
        requests.resume();
    }

    @Override
    public void validateResume() {
        refuseFor(requests.paused() ? null : "it is not paused");
    }

    @Override
    public void retry() {
        requests.retry();
    }

    @Override
    public void setRateLimit(String bytesPerSecond) {
        requests.limitRate(bytesPerSecond);
    }

    @Override
    public void validateSetRateLimit(String bytesPerSecond) {
        ByteRate.parse(bytesPerSecond);
        refuseFor(
                standing.isTooLateToPause()
                        ? "too late, it is " + standing.step().doing()
                        : null);
    }

    @Override
    public void cancel() {
        requests.cancel();
    }

    private void refuseFor(String reason) {
        if (reason != null) {
            throw new IllegalArgumentException("Import of " + object + ": " + reason);
        }
    }

    /** The object, or an operator, asked for the end; not to be confused with a cancelled workflow. */
    private static final class CancelledOnRequest extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
