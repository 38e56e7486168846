package io.dvflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The bridge between a real API server and a real Temporal, with the real workflows. */
class BridgeOnRealServersTest extends BetweenRealServers {

    @Test
    void carriesADataVolumeThrough() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef disk = imports.create("disk", "{http: {url: \"http://example.org/disk.img\"}}");

        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(imports.get(disk).getMetadata().getFinalizers()).contains(Finalizers.OPERATION);
        assertThat(imports.get(disk).getMetadata().getAnnotations())
                .containsEntry(DvflowAnnotations.WORKFLOW_ID, WorkflowIds.importOf(disk));
        assertThat(imports.describe(disk).orElseThrow().getStaticSummary())
                .isEqualTo("import " + namespace + "/disk from http");
        worker.finish(disk);

        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(imports.get(disk).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
        assertThat(imports.get(disk).getStatus().phase()).isEqualTo("Succeeded");
    }

    @Test
    void aRestartedBridgeGoesOnWithTheSameExecution() {
        WorkerForTests worker = startWorker();
        RunningBridge first = startBridge();
        OperationRef disk = imports.create("disk", "{blank: {}}");
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = imports.runOf(disk);
        first.close();
        imports.annotate(disk, DvflowAnnotations.PAUSED, "true");

        startBridge();

        await().until(() -> imports.isPaused(disk));
        assertThat(imports.runOf(disk)).isEqualTo(run);
        imports.annotate(disk, DvflowAnnotations.PAUSED, null);
        await().until(() -> !imports.isPaused(disk));
        imports.annotate(disk, DvflowAnnotations.RATE_LIMIT, "50Mi");
        await().until(() -> worker.changedRateOf(disk));
        worker.finish(disk);
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void whatIsOverIsNeverStartedAgainThoughTemporalForgotIt() {
        OperationRef cancelled = imports.create("cancelled", "{blank: {}}");
        imports.annotate(cancelled, DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_CANCELLED);
        OperationRef succeeded = imports.create("succeeded", "{blank: {}}");
        imports.resource(succeeded).editStatus(found -> {
            found.setStatus(new DataVolumeStatus(null, "Succeeded", null, null, List.of()));
            return found;
        });

        startBridge();
        startWorker();

        // Taken up in order of arrival: when this one is under way, the others have had their turn.
        OperationRef last = imports.create("z-last", "{blank: {}}");
        imports.awaitStatus(last, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(imports.describe(cancelled)).isEmpty();
        assertThat(imports.describe(succeeded)).isEmpty();
        assertThat(imports.get(succeeded).getMetadata().getFinalizers()).isEmpty();
    }

    @Test
    void deletingEndsTheOperationAndThenTheObjectGoes() {
        startBridge();
        startWorker();
        OperationRef disk = imports.create("disk", "{blank: {}}");
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        imports.resource(disk).delete();

        await().until(() -> imports.resource(disk).get() == null);
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
    }

    @Test
    void anObjectMadeAnewUnderTheNameIsAnotherOperation() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef first = imports.create("disk", "{blank: {}}");
        imports.awaitStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        imports.resource(first).delete();
        await().until(() -> imports.resource(first).get() == null);

        OperationRef second = imports.create("disk", "{blank: {}}");

        imports.awaitStatus(second, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        imports.awaitStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
        worker.finish(second);
        imports.awaitStatus(second, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(imports.get(second).getStatus().phase()).isEqualTo("Succeeded");
    }

    @Test
    void ridesOutAnOutageOfTemporal() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef before = imports.create("before", "{blank: {}}");
        imports.awaitStatus(before, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        temporal.stop();

        OperationRef during = imports.create("during", "{blank: {}}");
        await().until(() -> imports.reasonOf("WorkflowEngineAvailable", during).equals("TemporalUnreachable"));
        await().until(() -> imports.reasonOf("WorkflowEngineAvailable", before).equals("TemporalUnreachable"));
        temporal.startAgain();

        imports.awaitStatus(during, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        await().until(() -> imports.reasonOf("WorkflowEngineAvailable", during).isEmpty());
        await().until(() -> imports.reasonOf("WorkflowEngineAvailable", before).isEmpty());
        worker.finish(before);
        worker.finish(during);
        imports.awaitStatus(before, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        imports.awaitStatus(during, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void startsAgainWhatATemporalWithoutMemoryLost() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef disk = imports.create("disk", "{blank: {}}");
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = imports.runOf(disk);
        temporal.stop();
        temporal.startAnew();
        imports.annotate(disk, "example.org/nudge", "1");

        await().until(() -> imports.describe(disk)
                .filter(found -> !found.getExecution().getRunId().equals(run))
                .isPresent());
        worker.finish(disk);
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void anExecutionTerminatedInTemporalEndsTheOperation() {
        startBridge();
        startWorker();
        OperationRef disk = imports.create("disk", "{blank: {}}");
        imports.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        observer.client().newUntypedWorkflowStub(WorkflowIds.importOf(disk)).terminate("by an operator");
        imports.annotate(disk, "example.org/nudge", "1");

        await().until(() -> DvflowAnnotations.OUTCOME_CANCELLED.equals(
                imports.get(disk).getMetadata().getAnnotations().get(DvflowAnnotations.OUTCOME)));
        assertThat(imports.get(disk).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
    }

    @Test
    void cancelsTheImportOfAnObjectThatWentWhileTheBridgeWasAway() {
        startWorker();
        RunningBridge first = startBridge();
        OperationRef disk = imports.create("disk", "{blank: {}}");
        await().until(() -> "ImportInProgress".equals(imports.phaseOf(disk)));
        first.close();
        imports.merge(disk, "{\"metadata\":{\"finalizers\":null}}");
        imports.resource(disk).delete();
        await().until(() -> imports.resource(disk).get() == null);

        RunningBridge second = startBridge();

        // Temporal lists what it runs with some delay.
        await().pollInterval(Duration.ofSeconds(1)).until(() -> {
            second.bridge().sweep();
            return imports.status(disk).equals(Optional.of(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED));
        });
    }

    @Test
    void tellsOfAConsumer() {
        startBridge();
        WorkerForTests worker = startWorker();
        worker.needConsumer("disk");
        OperationRef disk = imports.create("disk", "{blank: {}}");
        await().until(() -> "PendingPopulation".equals(imports.phaseOf(disk)));
        worker.consumerIsThere("disk");

        api.client()
                .resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("disk")
                        .withNamespace(namespace)
                        .addToLabels("app", "containerized-data-importer")
                        .addToAnnotations("volume.kubernetes.io/selected-node", "node-1")
                        .addNewOwnerReference()
                        .withApiVersion("cdi.kubevirt.io/v1beta1")
                        .withKind("DataVolume")
                        .withName(disk.name())
                        .withUid(disk.uid())
                        .withController(true)
                        .endOwnerReference()
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withNewResources()
                        .withRequests(Map.of("storage", new Quantity("1Gi")))
                        .endResources()
                        .endSpec()
                        .build())
                .create();

        await().until(() -> "ImportInProgress".equals(imports.phaseOf(disk)));
    }

    @Test
    void saysWhatItDoesNotCarryOut() {
        startBridge();
        OperationRef upload = imports.create("upload", "{upload: {}}");

        await().until(() -> imports.reasonOf("OperationSupported", upload).equals("SourceNotSupported"));
        assertThat(imports.get(upload).getMetadata().getFinalizers()).isEmpty();
        assertThat(imports.describe(upload)).isEmpty();
    }

    @Test
    void saysThatNoWorkerIsThereAndLetsGoByForce() {
        // A server that has just started remembers no worker of another test.
        temporal.stop();
        temporal.startAnew();
        startBridge();
        OperationRef disk = imports.create("disk", "{blank: {}}");
        await().until(() -> imports.reasonOf("WorkflowEngineAvailable", disk).equals("NoWorkers"));

        imports.resource(disk).delete();
        await().until(() -> imports.get(disk).getMetadata().getDeletionTimestamp() != null);
        imports.annotate(disk, DvflowAnnotations.FORCE_RELEASE, "true");

        await().until(() -> imports.resource(disk).get() == null);
    }
}
