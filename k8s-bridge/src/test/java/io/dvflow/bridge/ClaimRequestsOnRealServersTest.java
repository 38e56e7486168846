package io.dvflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.temporal.api.enums.v1.EventType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.history.v1.HistoryEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Claims that ask for an import by their annotations, between a real API server and a real Temporal. */
class ClaimRequestsOnRealServersTest extends BetweenRealServers {

    private static final String URL = "http://example.org/disk.img";

    @Test
    void carriesAClaimThroughByTheSameWorkflow() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef claim = create("disk", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));

        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(get(claim).getMetadata().getFinalizers()).contains(Finalizers.OPERATION);
        assertThat(annotations(claim))
                .containsEntry(DvflowAnnotations.WORKFLOW_ID, "import-claim/" + namespace + "/disk/" + claim.uid());
        worker.finish(claim);

        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(get(claim).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
        assertThat(annotations(claim)).containsEntry(DvflowAnnotations.OUTCOME, "succeeded");
    }

    @Test
    void aClaimThatIsAnnotatedLaterIsTakenUpThen() {
        startBridge();
        startWorker();
        OperationRef claim = create("disk", Map.of());

        annotate(claim, Annotations.STORAGE_IMPORT_SOURCE, "none");

        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
    }

    @Test
    void aMistakeThatIsPutRightIsTriedAgainAtOnce() {
        startBridge();
        startWorker();
        OperationRef claim = create("disk", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, "ftp://example.org/disk.img"));
        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        annotate(claim, Annotations.STORAGE_IMPORT_ENDPOINT, URL);

        await().until(() ->
                String.valueOf(annotations(claim).get(DvflowAnnotations.STATUS)).contains("ImportInProgress"));
    }

    @Test
    void aRestartedBridgeAsksNothingNew() {
        startWorker();
        RunningBridge first = startBridge();
        OperationRef claim = create("disk", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));
        await().until(() ->
                String.valueOf(annotations(claim).get(DvflowAnnotations.STATUS)).contains("ImportInProgress"));
        first.close();

        startBridge();
        // Taken up in order of arrival: when this one is under way, the other has had its turn.
        OperationRef last = create("z-last", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));
        imports.awaitStatus(last, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        annotate(claim, DvflowAnnotations.PAUSED, "true");
        await().until(() -> imports.isPaused(claim));
        assertThat(observer.client().fetchHistory(WorkflowIds.importOf(claim)).getEvents().stream()
                        .map(HistoryEvent::getEventType))
                .as("updates: the pause alone")
                .containsOnlyOnce(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED);
    }

    @Test
    void claimsOfDataVolumesAreNoRequestsOfTheirOwn() {
        startBridge();
        startWorker();
        OperationRef made = create(
                "made",
                Map.of(
                        Annotations.STORAGE_IMPORT_ENDPOINT,
                        URL,
                        Annotations.CREATED_FOR_DATA_VOLUME,
                        "11111111-2222-3333-4444-555555555555"));
        OperationRef filled = create(
                "filled", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL, Annotations.STORAGE_POD_PHASE, "Succeeded"));

        OperationRef last = create("z-last", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));
        imports.awaitStatus(last, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        for (OperationRef none : List.of(made, filled)) {
            assertThat(imports.describe(none)).isEmpty();
            assertThat(get(none).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
        }
    }

    @Test
    void deletingTheClaimEndsTheOperationAndThenItMayGo() {
        startBridge();
        startWorker();
        OperationRef claim = create("disk", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));
        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        resource(claim).delete();

        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
        // Kubernetes' own finalizer stays where no controller manager takes it away.
        await().until(() -> Optional.ofNullable(resource(claim).get())
                .filter(left -> left.getMetadata().getFinalizers().contains(Finalizers.OPERATION))
                .isEmpty());
    }

    @Test
    void cancelsTheImportOfAClaimThatWentWhileTheBridgeWasAway() {
        startWorker();
        RunningBridge first = startBridge();
        OperationRef claim = create("disk", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));
        await().until(() ->
                String.valueOf(annotations(claim).get(DvflowAnnotations.STATUS)).contains("ImportInProgress"));
        first.close();
        merge(claim, "{\"metadata\":{\"finalizers\":null}}");
        resource(claim).delete();
        await().until(() -> resource(claim).get() == null);

        RunningBridge second = startBridge();

        // Temporal lists what it runs with some delay.
        await().pollInterval(Duration.ofSeconds(1)).until(() -> {
            second.bridge().sweep();
            return imports.status(claim)
                    .equals(Optional.of(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED));
        });
    }

    @Test
    void startsAgainWhatATemporalWithoutMemoryLost() {
        startBridge();
        startWorker();
        OperationRef claim = create("disk", Map.of(Annotations.STORAGE_IMPORT_ENDPOINT, URL));
        imports.awaitStatus(claim, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = imports.runOf(claim);
        temporal.stop();
        await().until(() -> annotations(claim)
                .getOrDefault(DvflowAnnotations.BRIDGE_CONDITIONS, "")
                .contains("TemporalUnreachable"));
        temporal.startAnew();

        await().until(() -> imports.describe(claim)
                .filter(found -> !found.getExecution().getRunId().equals(run))
                .isPresent());
        await().until(() -> !annotations(claim).containsKey(DvflowAnnotations.BRIDGE_CONDITIONS));
    }

    private OperationRef create(String name, Map<String, String> annotations) {
        PersistentVolumeClaim created = api.client()
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withNewResources()
                        .withRequests(Map.of("storage", new Quantity("1Gi")))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        return OperationRef.ofClaim(namespace, name, created.getMetadata().getUid());
    }

    private Resource<PersistentVolumeClaim> resource(OperationRef ref) {
        return api.client()
                .persistentVolumeClaims()
                .inNamespace(ref.namespace())
                .withName(ref.name());
    }

    private PersistentVolumeClaim get(OperationRef ref) {
        return resource(ref).require();
    }

    private Map<String, String> annotations(OperationRef ref) {
        return Optional.ofNullable(get(ref).getMetadata().getAnnotations()).orElse(Map.of());
    }

    private void annotate(OperationRef ref, String key, String value) {
        merge(ref, "{\"metadata\":{\"annotations\":{\"%s\":\"%s\"}}}".formatted(key, value));
    }

    private void merge(OperationRef ref, String patch) {
        resource(ref).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }
}
