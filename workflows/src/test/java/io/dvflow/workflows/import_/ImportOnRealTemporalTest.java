package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dvflow.testbed.processes.FreePort;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationDataConverter;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.SearchAttributes;
import io.dvflow.workflows.TaskQueues;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.cleanup.CleanUpWorkflow;
import io.dvflow.workflows.cleanup.CleanUpWorkflowImpl;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.api.enums.v1.EventType;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.ApplicationFailure;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.testing.TemporalDevServer;
import io.temporal.testing.TemporalDevServerOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the in-memory server answers differently: back-offs that end early, updates without a trace, sizes of histories.
 *
 * <p>With {@code -Dfixtures.write=<release>} the histories become replay fixtures. Write them from the code of a release,
 * never from a branch that changes workflow code: (1) check out the release's tag, (2) run this class with the property
 * set to its version, (3) commit the new folder, (4) raise the count in {@code histories/expected-count.txt}. Another
 * place than the fixtures' can be named by {@code -Dfixtures.directory}; {@code bench/first-disk} counts events there.
 */
@Timeout(120)
class ImportOnRealTemporalTest {

    private static TemporalDevServer server;

    private final OperationRef object =
            new OperationRef("vms", "fedora", UUID.randomUUID().toString());
    private final FakeSteps fake = new FakeSteps();
    private WorkflowServiceStubs stubs;
    private WorkflowClient client;
    private WorkerFactory workers;

    @BeforeAll
    static void startServer() {
        var binaries = System.getenv("DVFLOW_BIN");
        if (binaries == null) {
            if ("1".equals(System.getenv("DVFLOW_REQUIRE_REAL"))) {
                throw new IllegalStateException(
                        "DVFLOW_REQUIRE_REAL=1, but DVFLOW_BIN names no directory with temporal");
            }
            abort(
                    "DVFLOW_BIN names no directory with the temporal binary; `testbed/testbed binaries temporal` makes one");
        }
        server = TemporalDevServer.start(
                "default",
                TemporalDevServerOptions.newBuilder()
                        .setExistingPath(Path.of(binaries, "temporal").toString())
                        .setDownloadEnabled(false)
                        .setPort(FreePort.next())
                        .setExtraArgs(SearchAttributes.ALL.stream()
                                .flatMap(key -> List.of("--search-attribute", key.getName() + "=Keyword").stream())
                                .toList())
                        .build());
    }

    @AfterAll
    static void stopServer() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void startWorkers() {
        stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(server.getTarget())
                .build());
        client = WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setDataConverter(OperationDataConverter.create())
                        .build());
        workers = WorkerFactory.newInstance(client);
        var control = workers.newWorker(TaskQueues.CONTROL);
        control.registerWorkflowImplementationTypes(ImportWorkflowImpl.class, CleanUpWorkflowImpl.class);
        control.registerActivitiesImplementations(fake);
        workers.newWorker(
                        TaskQueues.TRANSFER,
                        WorkerOptions.newBuilder()
                                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(100))
                                .build())
                .registerActivitiesImplementations(fake);
        workers.start();
    }

    @AfterEach
    void stopWorkers() throws InterruptedException {
        workers.shutdownNow();
        workers.awaitTermination(20, TimeUnit.SECONDS);
        stubs.shutdownNow();
    }

    @Test
    void aFaultFreeImportIsAShortStory() {
        var workflow = start();

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(historyLength()).isLessThanOrEqualTo(60);
        keepHistory("fault-free");
    }

    @Test
    void aWarmImportWaitsBetweenItsStages() {
        var first = new Checkpoint("first", Optional.empty());
        fake.append(false, first);
        var workflow = start();
        awaitCall("next after nothing");
        assertThat(historyLength()).isLessThanOrEqualTo(60);

        fake.append(true, new Checkpoint("second", Optional.of("first")));
        workflow.checkpointsChanged(2);

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        keepHistory("in-stages");
    }

    @Test
    void aHundredFailedAttemptsLeaveTheHistoryAsItIs() {
        for (int i = 0; i < 100; i++) {
            fake.transferFailures.add(ApplicationFailure.newBuilder()
                    .setMessage("connection reset")
                    .setType(FailureTypes.TRANSIENT)
                    .setNextRetryDelay(Duration.ofMillis(1))
                    .build());
        }
        var workflow = start();

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls).filteredOn("transfer from 0"::equals).hasSize(101);
        assertThat(historyLength()).isLessThanOrEqualTo(60);
        keepHistory("hundred-failed-attempts");
    }

    @Test
    void retryEndsALongBackOffAtOnce() {
        fake.planFailures.add(ApplicationFailure.newBuilder()
                .setMessage("no such class")
                .setType(FailureTypes.NEEDS_CHANGE)
                .setNextRetryDelay(Duration.ofHours(1))
                .build());
        var workflow = start();
        awaitCall("plan");

        workflow.intent(new Intent(9, false, false, Optional.of("now")));

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        keepHistory("retry-in-back-off");
    }

    @Test
    void intentsThatAskNothingNewOrAreOlderLeaveNoTrace() throws Exception {
        fake.holdTransfer.set(true);
        var workflow = start();
        awaitHeldTransfer();
        workflow.intent(new Intent(20, false, false, Optional.of("a")));
        awaitHeldTransfer();

        assertThatThrownBy(() -> workflow.intent(new Intent(21, false, false, Optional.of("a"))))
                .isInstanceOf(WorkflowUpdateException.class)
                .hasStackTraceContaining("ask nothing new");
        assertThatThrownBy(() -> workflow.intent(new Intent(19, true, false, Optional.empty())))
                .isInstanceOf(WorkflowUpdateException.class)
                .hasStackTraceContaining("older than 20");

        assertThat(updatesInHistory()).isEqualTo(1);
        fake.mayEnd.countDown();
        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        keepHistory("retry-of-a-running-transfer");
    }

    @Test
    void pausedWhileWaitingForAConsumer() {
        fake.claimStates.addAll(List.of(ClaimState.AWAITS_CONSUMER, ClaimState.READY_TO_FILL));
        var workflow = start();
        awaitCall("prepare AWAITS_CONSUMER");

        workflow.intent(new Intent(3, true, false, Optional.empty()));
        awaitCall("stop PAUSED");
        workflow.intent(new Intent(4, false, false, Optional.empty()));

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        keepHistory("paused-while-waiting-for-a-consumer");
    }

    @Test
    void cancelledWhileTransferring() throws Exception {
        fake.holdTransfer.set(true);
        var workflow = start();
        awaitHeldTransfer();

        WorkflowStub.fromTyped(workflow).cancel();

        assertThatThrownBy(() -> resultOf(workflow)).isInstanceOf(WorkflowFailedException.class);
        assertThat(fake.calls).endsWith("transfer ended early", "abandon CANCELLED: The workflow was cancelled");
        keepHistory("cancelled-while-transferring");
    }

    @Test
    void givenUpAtItsDeadline() {
        fake.deadline = Optional.of(Instant.now().plusSeconds(1));
        fake.claimStates.addAll(List.of(ClaimState.AWAITS_CONSUMER));

        assertThat(resultOf(start()).outcome()).isEqualTo(Outcome.GAVE_UP);
        keepHistory("given-up-at-its-deadline");
    }

    @Test
    void failedForGood() {
        fake.transferFailures.add(ApplicationFailure.newNonRetryableFailure("checksum mismatch", FailureTypes.FINAL));

        assertThat(resultOf(start()).outcome()).isEqualTo(Outcome.FAILED);
        keepHistory("failed-for-good");
    }

    @Test
    void readByWayOfScratchSpaceThatHadToGrow() {
        fake.transferFailures.add(FakeSteps.needsScratch(5000));
        fake.transferFailures.add(FakeSteps.needsScratch(6000));
        var workflow = start();

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(fake.calls).containsSubsequence("prepare scratch of 5000", "prepare scratch of 10000");
        assertThat(historyLength())
                .as("a dozen events for each request, and some for a task that timed out")
                .isLessThanOrEqualTo(38 + 2 * 12 + 10);
        keepHistory("by-way-of-scratch-space");
    }

    @Test
    void readAtARateThatChanges() throws Exception {
        fake.holdTransfer.set(true);
        var workflow = start();
        awaitHeldTransfer();

        workflow.intent(new Intent(5, false, false, Optional.empty(), Optional.of("50Mi")));
        awaitCall("limit rate to what the object says");
        workflow.setRateLimit("5Mi");
        awaitCall("limit rate to 5Mi");
        fake.mayEnd.countDown();

        assertThat(resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        keepHistory("at-a-rate-that-changes");
    }

    @Test
    void cleanedUpByAWorkflowOfItsOwn() {
        var cleanUp = client.newWorkflowStub(
                CleanUpWorkflow.class,
                WorkflowOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CONTROL)
                        .setWorkflowId(WorkflowIds.cleanUpOf(object))
                        .build());

        cleanUp.run(object, "terminated by somebody");

        assertThat(fake.calls).containsExactly("abandon CANCELLED: terminated by somebody");
        keepHistory("clean-up", WorkflowIds.cleanUpOf(object), "terminated");
    }

    private ImportWorkflow start() {
        var workflow = client.newWorkflowStub(
                ImportWorkflow.class,
                WorkflowOptions.newBuilder()
                        .setTaskQueue(TaskQueues.CONTROL)
                        .setWorkflowId(WorkflowIds.importOf(object))
                        .build());
        WorkflowClient.start(workflow::run, object);
        return workflow;
    }

    private static ImportResult resultOf(ImportWorkflow workflow) {
        return WorkflowStub.fromTyped(workflow).getResult(ImportResult.class);
    }

    private int historyLength() {
        return client.fetchHistory(WorkflowIds.importOf(object)).getEvents().size();
    }

    private long updatesInHistory() {
        return client.fetchHistory(WorkflowIds.importOf(object)).getEvents().stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
                .count();
    }

    private void awaitHeldTransfer() throws InterruptedException {
        assertThat(fake.heldTransfers.poll(60, TimeUnit.SECONDS)).isEqualTo("held");
    }

    private void awaitCall(String call) {
        await().until(() -> fake.calls.contains(call));
    }

    private void keepHistory(String scenario) {
        keepHistory("import", WorkflowIds.importOf(object), scenario);
    }

    private void keepHistory(String kind, String workflowId, String scenario) {
        var release = System.getProperty("fixtures.write");
        if (release == null) {
            return;
        }
        var fixtures = System.getProperty("fixtures.directory", "src/test/resources/histories");
        var file = Path.of(fixtures, kind, release, scenario + ".json.gz");
        var history = client.fetchHistory(workflowId).toJson(true);
        try {
            Files.createDirectories(file.getParent());
            try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
                out.write(history.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot keep history " + file, e);
        }
    }
}
