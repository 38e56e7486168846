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
import java.time.Duration;
import java.util.Optional;

/** See {@link ImportWorkflow}. */
public final class ImportWorkflowImpl implements ImportWorkflow {

    /** The bridge says when a consumer appears; this only mends a message that was lost. */
    private static final Duration FIRST_RECHECK = Duration.ofMinutes(5);

    private static final Duration SLOWEST_RECHECK = Duration.ofHours(1);

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

    private Step step = Step.PLAN;
    private Optional<String> waitingFor = Optional.empty();
    private Optional<ImportPlan> planned = Optional.empty();
    private TransferProgress transferred = TransferProgress.NONE;

    @WorkflowInit
    public ImportWorkflowImpl(OperationRef object) {
        this.object = object;
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
        TransferReceipt receipt = transfer(plan);
        handOver(plan);
        return finish(plan, Optional.of(receipt));
    }

    private ImportPlan plan() {
        enter(Step.PLAN);
        ImportPlan plan = untilDone(() -> planning.plan(object));
        planned = Optional.of(plan);
        requests.startFrom(plan.intent());
        steps.giveUpAt(plan.deadline());
        Workflow.upsertTypedSearchAttributes(
                SearchAttributes.SOURCE.valueSet(plan.source()),
                SearchAttributes.STORAGE_CLASS.valueSet(plan.storageClass().orElse("")));
        return plan;
    }

    private ClaimState claim(ImportPlan plan) {
        enter(Step.CLAIM);
        Duration recheck = FIRST_RECHECK;
        while (true) {
            // Counted before the look, so that one who comes during it is not missed.
            int consumersBefore = requests.consumers();
            ClaimState state = untilDone(() -> claims.prepare(object, plan));
            if (state != ClaimState.AWAITS_CONSUMER) {
                return state;
            }
            enter(Step.CONSUMER, "a pod that uses claim " + plan.claimName());
            int retriesBefore = requests.retries();
            steps.await(
                    recheck,
                    () -> requests.consumers() > consumersBefore
                            || requests.retries() > retriesBefore
                            || requests.paused()
                            || requests.cancelled());
            recheck = slower(recheck);
        }
    }

    private TransferReceipt transfer(ImportPlan plan) {
        return plan.stages().isPresent() ? transferInStages(plan) : transferAt(plan);
    }

    private TransferReceipt transferAt(ImportPlan plan) {
        enter(Step.TRANSFER);
        showPhase("ImportInProgress");
        while (true) {
            try {
                return untilDone(() -> transfers.transfer(object, plan, transferred));
            } catch (ActivityFailure e) {
                transferred = transferred.in(scratch(plan, ScratchRequest.of(e)));
                enter(Step.TRANSFER);
            }
        }
    }

    private ScratchSpace scratch(ImportPlan plan, ScratchRequest request) {
        enter(Step.SCRATCH);
        long bytes = request.afterHaving(transferred.scratch());
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
                planned = Optional.of(stage);
                receipt = transferAt(stage);
                // What is durable of this stage says nothing of the next.
                transferred = new TransferProgress(receipt.restarts(), Optional.empty());
                stages = untilDone(() -> looking.nextStage(object, stage));
            }
        }
        return receipt;
    }

    private Stages awaitCheckpoint(ImportPlan plan) {
        showPhase("Paused");
        Duration recheck = FIRST_RECHECK;
        while (true) {
            enter(Step.CHECKPOINT);
            long seen = requests.generation();
            int retriesBefore = requests.retries();
            Stages stages = untilDone(() -> looking.nextStage(object, plan));
            if (!stages.awaitsMore()) {
                return stages;
            }
            enter(Step.CHECKPOINT, "another checkpoint, or finalCheckpoint, in the spec of the DataVolume");
            steps.await(
                    recheck,
                    () -> requests.generation() > seen
                            || requests.retries() > retriesBefore
                            || requests.paused()
                            || requests.cancelled());
            recheck = slower(recheck);
        }
    }

    private void handOver(ImportPlan plan) {
        if (plan.path() != ClaimPath.POPULATOR) {
            return;
        }
        enter(Step.HAND_OVER);
        steps.runToEnd(() -> {
            handingOver.handOver(object, plan);
            return plan;
        });
    }

    private ImportResult finish(ImportPlan plan, Optional<TransferReceipt> receipt) {
        enter(Step.FINISH);
        steps.runToEnd(() -> {
            finishing.succeed(object, plan, receipt);
            return plan;
        });
        showPhase("Succeeded");
        enter(Step.DONE);
        return new ImportResult(
                Outcome.SUCCEEDED,
                receipt.map(TransferReceipt::message).orElse("The claim had its content already"),
                receipt);
    }

    private ImportResult abandon(Outcome outcome, String message) {
        Workflow.newDetachedCancellationScope(() -> {
                    enter(Step.CLEAN_UP);
                    finishing.abandon(object, outcome, message);
                    showPhase(outcome.wireName());
                    enter(Step.DONE);
                })
                .run();
        return new ImportResult(outcome, message, Optional.empty());
    }

    /** Runs a step through pauses and retries until it has its result. */
    private <T> T untilDone(Functions.Func<T> activity) {
        Step current = step;
        while (true) {
            holdWhilePaused();
            if (requests.cancelled()) {
                throw new CancelledOnRequest();
            }
            enter(current);
            Optional<T> result = steps.run(activity);
            if (result.isPresent()) {
                return result.get();
            }
            if (current == Step.TRANSFER && !requests.cancelled() && !requests.paused()) {
                transferred = stopTransfer(StopReason.RETRIED);
            }
        }
    }

    private void holdWhilePaused() {
        if (!requests.paused()) {
            return;
        }
        if (planned.isPresent()) {
            transferred = stopTransfer(StopReason.PAUSED);
        }
        enter(step, "somebody to resume it");
        steps.await(() -> !requests.paused());
    }

    private TransferProgress stopTransfer(StopReason reason) {
        return stopping.stop(object, planned.orElseThrow(), transferred, reason);
    }

    private void enter(Step next) {
        enter(next, Optional.empty());
    }

    private void enter(Step next, String waiting) {
        enter(next, Optional.of(waiting));
    }

    private void enter(Step next, Optional<String> waiting) {
        step = next;
        waitingFor = waiting;
        Workflow.setCurrentDetails(Details.of(object, planned, state()));
    }

    private static void showPhase(String phase) {
        Workflow.upsertTypedSearchAttributes(SearchAttributes.PHASE.valueSet(phase));
    }

    private static Duration slower(Duration recheck) {
        Duration doubled = recheck.multipliedBy(2);
        return doubled.compareTo(SLOWEST_RECHECK) > 0 ? SLOWEST_RECHECK : doubled;
    }

    @Override
    public OperationState state() {
        boolean paused = requests.paused() && !tooLateToPause();
        return new OperationState(
                step,
                paused,
                waitingFor,
                planned.map(ImportPlan::claimName),
                transferred.scratch().map(ScratchSpace::claimName));
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
                        : tooLateToPause() ? "too late, it is " + step.doing() : null);
    }

    private boolean tooLateToPause() {
        return step.compareTo(Step.CHECKPOINT) > 0;
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
        refuseFor(tooLateToPause() ? "too late, it is " + step.doing() : null);
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
