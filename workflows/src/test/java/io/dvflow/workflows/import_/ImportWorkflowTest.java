package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationDataConverter;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.SearchAttributes;
import io.dvflow.workflows.TaskQueues;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ImportWorkflowTest {

    private static final OperationRef FEDORA = new OperationRef("vms", "fedora", "8f1c");

    private static final Checkpoint FIRST = new Checkpoint("first", Optional.empty());
    private static final Checkpoint SECOND = new Checkpoint("second", Optional.of("first"));

    private final FakeSteps fake = new FakeSteps();
    private TestWorkflowEnvironment temporal;

    @BeforeEach
    void startTemporal() {
        var options = TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(OperationDataConverter.create())
                        .build());
        for (var attribute : SearchAttributes.ALL) {
            options.registerSearchAttribute(attribute.getName(), attribute.getValueType());
        }
        temporal = TestWorkflowEnvironment.newInstance(options.build());
        var control = temporal.newWorker(TaskQueues.CONTROL);
        control.registerWorkflowImplementationTypes(ImportWorkflowImpl.class);
        control.registerActivitiesImplementations(fake);
        temporal.newWorker(
                        TaskQueues.TRANSFER,
                        WorkerOptions.newBuilder()
                                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(50))
                                .build())
                .registerActivitiesImplementations(fake);
        temporal.start();
    }

    @AfterEach
    void stopTemporal() {
        temporal.close();
    }

    @Test
    void fillsOutOfSightAndHandsOver() {
        var result = start().run(FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.message()).isEqualTo("Import Complete");
        assertThat(fake.calls)
                .containsExactly("plan", "prepare READY_TO_FILL", "transfer from 0", "hand over", "succeed");
        assertThat(historyLength()).isLessThanOrEqualTo(60);
    }

    @Test
    void fillsInPlaceWithoutHandingOver() {
        fake.path = ClaimPath.DIRECT;

        start().run(FEDORA);

        assertThat(fake.calls).doesNotContain("hand over").endsWith("succeed");
    }

    @Test
    void transfersNothingIntoAClaimThatHasItsContent() {
        fake.path = ClaimPath.ALREADY_POPULATED;

        var result = start().run(FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls).containsExactly("plan", "succeed");
    }

    @Test
    void copiesOneCheckpointAfterTheOther() {
        fake.append(true, FIRST, SECOND);

        var result = start().run(FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls)
                .containsExactly(
                        "plan",
                        "prepare READY_TO_FILL",
                        "at first",
                        "transfer from 0",
                        "next after first",
                        "at second",
                        "transfer from 0",
                        "next after second",
                        "hand over",
                        "succeed");
    }

    @Test
    void waitsForTheNextCheckpointAndGoesOnWhenItIsAppended() {
        fake.append(false, FIRST);
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitWaitForACheckpoint(workflow);

        fake.append(false, SECOND);
        workflow.checkpointsChanged(4);
        awaitCall("next after second");
        awaitWaitForACheckpoint(workflow);
        fake.append(true);
        workflow.checkpointsChanged(5);

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls.stream().filter(call -> call.startsWith("at "))).containsExactly("at first", "at second");
    }

    @Test
    void findsACheckpointEvenWhenNobodyTold() {
        fake.append(false, FIRST);
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitWaitForACheckpoint(workflow);

        fake.append(true, SECOND);
        temporal.sleep(Duration.ofMinutes(6));

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void knowsAGenerationOfCheckpointsOnlyOnce() {
        fake.append(false, FIRST);
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitWaitForACheckpoint(workflow);
        workflow.checkpointsChanged(4);

        assertThatThrownBy(() -> workflow.checkpointsChanged(4)).hasStackTraceContaining("is known already");

        workflow.cancel();
        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.CANCELLED);
    }

    @Test
    void waitsForAConsumerWithoutSpendingHistory() {
        fake.claimStates.addAll(List.of(ClaimState.AWAITS_CONSUMER, ClaimState.READY_TO_FILL));
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitStep(workflow, Step.CONSUMER);

        assertThat(workflow.state().waitingFor()).contains("a pod that uses claim fedora");
        workflow.consumerArrived("pod-1");

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls).startsWith("plan", "prepare AWAITS_CONSUMER", "prepare READY_TO_FILL");
    }

    @Test
    void findsAConsumerEvenWhenNobodyTold() {
        fake.claimStates.addAll(
                List.of(ClaimState.AWAITS_CONSUMER, ClaimState.AWAITS_CONSUMER, ClaimState.READY_TO_FILL));

        assertThat(start().run(FEDORA).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void pauseStopsTheTransferAndResumeGoesOnFromWhatIsDurable() throws Exception {
        fake.holdTransfer.set(true);
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitHeldTransfer();

        workflow.pause();
        awaitCall("stop PAUSED");
        assertThat(workflow.state().paused()).isTrue();
        assertThatThrownBy(workflow::pause).isInstanceOf(WorkflowUpdateException.class);
        fake.holdTransfer.set(false);
        workflow.resume();

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls)
                .containsSubsequence("transfer from 0", "transfer ended early", "stop PAUSED", "transfer from 100");
    }

    @Test
    void annotationsPauseFromTheStart() {
        fake.intent = new Intent(7, true, false, Optional.empty());
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitCall("stop PAUSED");
        assertThat(fake.calls).doesNotContain("prepare READY_TO_FILL");

        workflow.intent(new Intent(8, false, false, Optional.empty()));

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void cancellingByAnnotationRemovesWhatWasMadeAndSaysSo() throws Exception {
        fake.holdTransfer.set(true);
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitHeldTransfer();

        workflow.intent(new Intent(5, false, true, Optional.empty()));

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(fake.calls).endsWith("transfer ended early", "abandon CANCELLED: Cancelled on request");
    }

    @Test
    void nothingIsRemovedBeforeTheTransferIsKnownToHaveEnded() throws Exception {
        fake.holdTransfer.set(true);
        fake.slowToEnd = true;
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitHeldTransfer();

        WorkflowStub.fromTyped(workflow).cancel();
        temporal.sleep(Duration.ofMillis(500));
        assertThat(fake.calls).noneMatch(call -> call.startsWith("abandon"));
        fake.mayEnd.countDown();

        assertThatThrownBy(() -> resultOf(workflow))
                .isInstanceOf(WorkflowFailedException.class)
                .hasCauseInstanceOf(CanceledFailure.class);
        assertThat(fake.calls).endsWith("transfer ended early", "abandon CANCELLED: The workflow was cancelled");
    }

    @Test
    void theRateChangesWhileTheTransferGoesOn() throws Exception {
        fake.holdTransfer.set(true);
        fake.intent = new Intent(4, false, false, Optional.empty(), Optional.of("10Mi"));
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitHeldTransfer();

        workflow.intent(new Intent(5, false, false, Optional.empty(), Optional.of("50Mi")));
        awaitCall("limit rate to what the object says");
        workflow.setRateLimit("5Mi");
        awaitCall("limit rate to 5Mi");
        assertThatThrownBy(() -> workflow.setRateLimit("slow"))
                .isInstanceOf(WorkflowUpdateException.class)
                .hasStackTraceContaining("expected a quantity such as 50Mi");
        fake.holdTransfer.set(false);

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls)
                .doesNotContain("transfer ended early")
                .filteredOn(call -> call.startsWith("limit"))
                .hasSize(2);
    }

    @Test
    void anIntentThatLeavesTheRateAsItIsDoesNotTouchIt() throws Exception {
        fake.holdTransfer.set(true);
        fake.intent = new Intent(4, false, false, Optional.empty(), Optional.of("10Mi"));
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitHeldTransfer();

        workflow.intent(new Intent(5, true, false, Optional.empty(), Optional.of("10Mi")));
        awaitCall("stop PAUSED");
        fake.holdTransfer.set(false);
        workflow.intent(new Intent(6, false, false, Optional.empty(), Optional.of("10Mi")));

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls).noneMatch(call -> call.startsWith("limit"));
    }

    @Test
    void whatNoRetryCanMendEndsAsFailed() {
        fake.transferFailures.add(ApplicationFailure.newNonRetryableFailure("checksum mismatch", FailureTypes.FINAL));

        var result = start().run(FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(fake.calls).endsWith("transfer from 0", "abandon FAILED: checksum mismatch");
    }

    @Test
    void makesScratchSpaceWhenTheTransferAsksForItAndGoesOn() {
        fake.transferFailures.add(FakeSteps.needsScratch(5000));
        var workflow = start();

        var result = workflow.run(FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls)
                .containsSubsequence(
                        "transfer from 0",
                        "prepare scratch of 5000",
                        "transfer from 0 in fedora-scratch",
                        "hand over",
                        "succeed");
        assertThat(workflow.state().scratchClaim()).contains("fedora-scratch");
    }

    @Test
    void scratchSpaceThatIsTooSmallIsDoubledAtLeast() {
        fake.transferFailures.add(FakeSteps.needsScratch(5000));
        fake.transferFailures.add(FakeSteps.needsScratch(5001));
        fake.transferFailures.add(FakeSteps.needsScratch(10_000));

        start().run(FEDORA);

        assertThat(fake.calls)
                .filteredOn(call -> call.startsWith("prepare scratch"))
                .as("the third was lost, not too small")
                .containsExactly("prepare scratch of 5000", "prepare scratch of 10000", "prepare scratch of 10000");
    }

    @Test
    void pausesAndCancelsWhileScratchSpaceIsRefused() {
        fake.transferFailures.add(FakeSteps.needsScratch(5000));
        fake.scratchFailures.add(ApplicationFailure.newBuilder()
                .setMessage("exceeded quota: small")
                .setType(FailureTypes.NEEDS_CHANGE)
                .setNextRetryDelay(Duration.ofHours(1))
                .build());
        var workflow = start();
        WorkflowClient.start(workflow::run, FEDORA);
        awaitCall("prepare scratch of 5000");
        awaitBackOff();

        workflow.pause();
        awaitCall("stop PAUSED");
        assertThat(workflow.state().step()).isEqualTo(Step.SCRATCH);
        workflow.cancel();

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(fake.calls).endsWith("abandon CANCELLED: Cancelled on request");
    }

    @Test
    void aDeletedObjectEndsQuietly() {
        fake.planFailures.add(ApplicationFailure.newNonRetryableFailure("gone", FailureTypes.OBJECT_GONE));

        assertThat(start().run(FEDORA).outcome()).isEqualTo(Outcome.OBJECT_GONE);
        assertThat(fake.calls).containsExactly("plan", "abandon OBJECT_GONE: gone");
    }

    @Test
    void givesUpAtTheDeadlineThatTheUserSet() {
        fake.deadline =
                Optional.of(Instant.ofEpochMilli(temporal.currentTimeMillis()).plus(Duration.ofHours(1)));
        fake.claimStates.addAll(List.of(ClaimState.AWAITS_CONSUMER));
        for (int i = 0; i < 50; i++) {
            fake.claimStates.add(ClaimState.AWAITS_CONSUMER);
        }

        assertThat(start().run(FEDORA).outcome()).isEqualTo(Outcome.GAVE_UP);
        assertThat(fake.calls).last().asString().startsWith("abandon GAVE_UP: The deadline");
    }

    private ImportWorkflow start() {
        return temporal.getWorkflowClient()
                .newWorkflowStub(
                        ImportWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .setWorkflowId(WorkflowIds.importOf(FEDORA))
                                .build());
    }

    private static ImportResult resultOf(ImportWorkflow workflow) {
        return WorkflowStub.fromTyped(workflow).getResult(ImportResult.class);
    }

    private int historyLength() {
        return temporal.getWorkflowClient()
                .fetchHistory(WorkflowIds.importOf(FEDORA))
                .getEvents()
                .size();
    }

    private void awaitHeldTransfer() throws InterruptedException {
        assertThat(fake.heldTransfers.poll(20, TimeUnit.SECONDS)).isEqualTo("held");
    }

    private void awaitWaitForACheckpoint(ImportWorkflow workflow) {
        while (workflow.state()
                .waitingFor()
                .filter(what -> what.contains("another checkpoint"))
                .isEmpty()) {
            Thread.onSpinWait();
        }
    }

    private void awaitStep(ImportWorkflow workflow, Step step) {
        awaitThat(() -> workflow.state().step() == step, "the workflow is at " + step);
    }

    private void awaitCall(String call) {
        awaitThat(() -> fake.calls.contains(call), "somebody calls " + call);
    }

    /** An attempt that still runs when it is cancelled may be tried again by the in-memory server, unlike the real one. */
    private void awaitBackOff() {
        var execution = WorkflowExecution.newBuilder().setWorkflowId(WorkflowIds.importOf(FEDORA));
        var question = DescribeWorkflowExecutionRequest.newBuilder()
                .setNamespace(temporal.getWorkflowClient().getOptions().getNamespace())
                .setExecution(execution)
                .build();
        var service = temporal.getWorkflowClient().getWorkflowServiceStubs().blockingStub();
        awaitThat(
                () -> service.describeWorkflowExecution(question).getPendingActivitiesList().stream()
                        .anyMatch(activity -> activity.getAttempt() > 1),
                "the failed attempt waits for the next");
    }

    private static void awaitThat(BooleanSupplier condition, String what) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
