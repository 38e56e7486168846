package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.workflows.OperationDataConverter;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.SearchAttributes;
import io.dvflow.workflows.TaskQueues;
import io.dvflow.workflows.WorkflowIds;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Imports on the in-memory server of Temporal, with steps that a test holds and fails as it likes. */
final class ImportServer implements AutoCloseable {

    static final OperationRef FEDORA = new OperationRef("vms", "fedora", "8f1c");

    final FakeSteps fake = new FakeSteps();
    final TestWorkflowEnvironment temporal;

    ImportServer() {
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

    @Override
    public void close() {
        temporal.close();
    }

    ImportWorkflow start() {
        return temporal.getWorkflowClient()
                .newWorkflowStub(
                        ImportWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL)
                                .setWorkflowId(WorkflowIds.importOf(FEDORA))
                                .build());
    }

    static ImportResult resultOf(ImportWorkflow workflow) {
        return WorkflowStub.fromTyped(workflow).getResult(ImportResult.class);
    }

    int historyLength() {
        return temporal.getWorkflowClient()
                .fetchHistory(WorkflowIds.importOf(FEDORA))
                .getEvents()
                .size();
    }

    void awaitHeldTransfer() throws InterruptedException {
        assertThat(fake.heldTransfers.poll(60, TimeUnit.SECONDS)).isEqualTo("held");
    }

    void awaitWaitForACheckpoint(ImportWorkflow workflow) {
        await("the workflow waits for another checkpoint")
                .until(() -> workflow.state()
                        .waitingFor()
                        .filter(what -> what.contains("another checkpoint"))
                        .isPresent());
    }

    void awaitStep(ImportWorkflow workflow, Step step) {
        await("the workflow is at " + step).until(() -> workflow.state().step() == step);
    }

    void awaitCall(String call) {
        await("somebody calls " + call).until(() -> fake.calls.contains(call));
    }

    /** An attempt that still runs when it is cancelled may be tried again by the in-memory server, unlike the real one. */
    void awaitBackOff() {
        var execution = WorkflowExecution.newBuilder().setWorkflowId(WorkflowIds.importOf(FEDORA));
        var question = DescribeWorkflowExecutionRequest.newBuilder()
                .setNamespace(temporal.getWorkflowClient().getOptions().getNamespace())
                .setExecution(execution)
                .build();
        var service = temporal.getWorkflowClient().getWorkflowServiceStubs().blockingStub();
        await("the failed attempt waits for the next")
                .until(() -> service.describeWorkflowExecution(question).getPendingActivitiesList().stream()
                        .anyMatch(activity -> activity.getAttempt() > 1));
    }
}
