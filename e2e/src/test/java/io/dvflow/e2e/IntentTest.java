package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.workflows.OperationDataConverter;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.transfer.TransferProgress;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import io.temporal.api.workflowservice.v1.DeleteWorkflowExecutionRequest;
import io.temporal.client.WorkflowNotFoundException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Pause, resume and cancel as people ask for them: by an annotation. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class IntentTest {

    private static final long SLACK_BYTES = 1 << 20;

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static FaultServer server;

    @BeforeAll
    static void serveImages() {
        images = new SourceImages(directory);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @Test
    void aPausedImportResumesWithoutFetchingWhatItHas() {
        try (var namespace = new TestNamespace("pause")) {
            Held held = new Held(namespace, images, server, "raw");
            Gate.TRANSFER.shut(held);
            RunningImport running = held.apply();
            Gate.TRANSFER.awaitHeld(held);

            held.annotate("dvflow.io/paused", "true");
            namespace.awaitPhase("disk", DataVolumePhase.PAUSED);
            await("transfer pod is gone")
                    .atMost(TestNamespace.PATIENCE)
                    .until(() -> held.transferPods().isEmpty());
            // Responses to the pod that is gone would fill the sockets' buffers and be counted.
            server.dropConnections();
            held.source.letPass();
            long before = held.source.passed();
            held.removeAnnotation("dvflow.io/paused");

            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            held.awaitRightBytes();
            long durable = durableWhenStopped(running);
            assertThat(durable).as("bytes kept over the pause").isPositive();
            assertThat(held.source.passed() - before)
                    .as("bytes fetched after the pause")
                    .isLessThanOrEqualTo(Held.IMAGE_BYTES - durable + SLACK_BYTES);
            Leftovers.assertNone(namespace, running.ref());
        }
    }

    @Test
    void aCancelledImportStaysCancelledWhenTemporalHasForgottenIt() {
        try (var namespace = new TestNamespace("cancel")) {
            Held held = new Held(namespace, images, server);
            Gate.TRANSFER.shut(held);
            RunningImport running = held.apply();
            Gate.TRANSFER.awaitHeld(held);

            held.annotate("dvflow.io/cancelled", "true");
            await("outcome stands on the object")
                    .atMost(TestNamespace.PATIENCE)
                    .until(() -> "cancelled".equals(outcomeOf(namespace)));
            held.source.letPass();
            Leftovers.assertNone(namespace, running.ref());

            assertForgottenAndNotStartedAgain(namespace, running);
            assertThat(outcomeOf(namespace)).isEqualTo("cancelled");
        }
    }

    @Test
    void aFinishedImportIsNotStartedAgainWhenTemporalHasForgottenIt() {
        try (var namespace = new TestNamespace("finished")) {
            Held held = new Held(namespace, images, server);
            RunningImport running = held.apply();
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            Leftovers.assertNone(namespace, running.ref());

            assertForgottenAndNotStartedAgain(namespace, running);
            assertThat(namespace.phaseOf("disk")).contains("Succeeded");
            held.awaitRightBytes();
        }
    }

    /** Temporal's retention, and a bridge that knows nothing but what it lists. */
    private static void assertForgottenAndNotStartedAgain(TestNamespace namespace, RunningImport running) {
        forget(WorkflowIds.importOf(running.ref()));
        Victim.BRIDGE.kill(null);
        // Applied after the restart and listed after the old object: once it is done, the old one has been looked at.
        namespace.apply(Manifests.blank("zz-marker", "csi-immediate", "Block", 1 << 20));
        namespace.awaitPhase("zz-marker", DataVolumePhase.SUCCEEDED);
        assertThat(exists(WorkflowIds.importOf(running.ref())))
                .as("a workflow for the object that was done")
                .isFalse();
    }

    private static void forget(String workflowId) {
        var client = TestCluster.get().temporal();
        client.getWorkflowServiceStubs()
                .blockingStub()
                .deleteWorkflowExecution(DeleteWorkflowExecutionRequest.newBuilder()
                        .setNamespace(client.getOptions().getNamespace())
                        .setWorkflowExecution(io.temporal.api.common.v1.WorkflowExecution.newBuilder()
                                .setWorkflowId(workflowId))
                        .build());
        await("Temporal has forgotten " + workflowId)
                .atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> !exists(workflowId));
    }

    private static boolean exists(String workflowId) {
        try {
            TestCluster.get().temporal().newUntypedWorkflowStub(workflowId).describe();
            return true;
        } catch (WorkflowNotFoundException e) {
            return false;
        }
    }

    private static String outcomeOf(TestNamespace namespace) {
        var annotations = namespace.dataVolume("disk").get().getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get("dvflow.io/outcome");
    }

    /** What the stopped transfer said is durable, as the history has it. */
    private static long durableWhenStopped(RunningImport running) {
        List<HistoryEvent> events = running.history();
        long stop = events.stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
                .filter(event -> event.getActivityTaskScheduledEventAttributes()
                        .getActivityType()
                        .getName()
                        .equals("Stop"))
                .mapToLong(HistoryEvent::getEventId)
                .findFirst()
                .orElseThrow();
        var result = events.stream()
                .filter(event -> event.getEventType() == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
                .map(HistoryEvent::getActivityTaskCompletedEventAttributes)
                .filter(completed -> completed.getScheduledEventId() == stop)
                .findFirst()
                .orElseThrow()
                .getResult()
                .getPayloads(0);
        return OperationDataConverter.create()
                .fromPayload(result, TransferProgress.class, TransferProgress.class)
                .durable()
                .map(ResumeMap::finishedBytes)
                .orElse(0L);
    }
}
