package io.dvflow.e2e;

import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.history.v1.HistoryEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One import under test: its object, and where its workflow stands according to the history.
 */
record RunningImport(TestNamespace namespace, String name, String uid, Path expected) {

    static RunningImport of(TestNamespace namespace, DataVolume applied, Path expected) {
        return new RunningImport(
                namespace,
                applied.getMetadata().getName(),
                applied.getMetadata().getUid(),
                expected);
    }

    OperationRef ref() {
        return new OperationRef(namespace.name(), name, uid);
    }

    List<HistoryEvent> history() {
        return TestCluster.get()
                .temporal()
                .fetchHistory(WorkflowIds.importOf(ref()))
                .getEvents();
    }

    /** The activity that is scheduled and not over, or {@code Timer} while the workflow itself waits. */
    Optional<String> openStep() {
        List<HistoryEvent> events;
        try {
            events = history();
        } catch (StatusRuntimeException e) {
            // Not started yet, or Temporal is the victim: whoever asks asks again.
            return Optional.empty();
        }
        Optional<String> open = Optional.empty();
        for (HistoryEvent event : events) {
            open = switch (event.getEventType()) {
                case EVENT_TYPE_ACTIVITY_TASK_SCHEDULED ->
                    Optional.of(event.getActivityTaskScheduledEventAttributes()
                            .getActivityType()
                            .getName());
                case EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
                        EVENT_TYPE_ACTIVITY_TASK_FAILED,
                        EVENT_TYPE_ACTIVITY_TASK_CANCELED,
                        EVENT_TYPE_TIMER_FIRED,
                        EVENT_TYPE_TIMER_CANCELED -> Optional.empty();
                case EVENT_TYPE_TIMER_STARTED -> Optional.of("Timer");
                default -> open;
            };
        }
        return open;
    }

    void awaitStep(String step) {
        await("workflow of " + ref() + " stands at " + step)
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> openStep().equals(Optional.of(step)));
    }

    boolean isClosed() {
        return history().stream()
                .map(HistoryEvent::getEventType)
                .anyMatch(type -> type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
                        || type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED
                        || type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
                        || type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED);
    }
}
