package io.dvflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.bridge.engine.TemporalEngine;
import io.dvflow.temporal.TemporalConnection;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bridge between a real API server and a real Temporal, with the real workflows. */
@ExtendWith(KubeApiExtension.class)
@Timeout(180)
class BridgeOnRealServersTest {

    private static final Path CRDS = Path.of("../helm/dvflow/templates/crds");

    private static final Logger LOG = LoggerFactory.getLogger(BridgeOnRealServersTest.class);

    private static TemporalForTests temporal;

    private final String namespace = "bridge-" + UUID.randomUUID().toString().substring(0, 8);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private KubeApi api;
    private TemporalConnection observer;
    private DataVolumesUnderTest disks;
    private KubernetesClient asBridge;

    @BeforeAll
    static void startServers(KubeApi api) {
        Awaitility.setDefaultTimeout(Duration.ofSeconds(60));
        api.install(CRDS);
        temporal = TemporalForTests.start(System.getenv("DVFLOW_BIN"));
    }

    @AfterAll
    static void stopServers() {
        if (temporal != null) {
            temporal.close();
        }
    }

    @BeforeEach
    void prepare(KubeApi server) {
        api = server;
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        observer = temporal.connect("test");
        disks = new DataVolumesUnderTest(api.client(), namespace, observer);
        asBridge = BridgeRights.clientOf(api, namespace);
        opened.add(asBridge);
    }

    @AfterEach
    void closeWhatWasOpened() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        observer.close();
    }

    @Test
    void carriesADataVolumeThrough() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef disk = disks.create("disk", "{http: {url: \"http://example.org/disk.img\"}}");

        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(disks.get(disk).getMetadata().getFinalizers()).contains(Finalizers.OPERATION);
        assertThat(disks.get(disk).getMetadata().getAnnotations())
                .containsEntry(DvflowAnnotations.WORKFLOW_ID, WorkflowIds.importOf(disk));
        assertThat(disks.describe(disk).orElseThrow().getStaticSummary())
                .isEqualTo("import " + namespace + "/disk from http");
        worker.finish(disk);

        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(disks.get(disk).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
        assertThat(disks.get(disk).getStatus().phase()).isEqualTo("Succeeded");
    }

    @Test
    void aRestartedBridgeGoesOnWithTheSameExecution() {
        WorkerForTests worker = startWorker();
        RunningBridge first = startBridge();
        OperationRef disk = disks.create("disk", "{blank: {}}");
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = disks.runOf(disk);
        first.close();
        disks.annotate(disk, DvflowAnnotations.PAUSED, "true");

        startBridge();

        await().until(() -> disks.isPaused(disk));
        assertThat(disks.runOf(disk)).isEqualTo(run);
        disks.annotate(disk, DvflowAnnotations.PAUSED, null);
        await().until(() -> !disks.isPaused(disk));
        disks.annotate(disk, DvflowAnnotations.RATE_LIMIT, "50Mi");
        await().until(() -> worker.changedRateOf(disk));
        worker.finish(disk);
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void whatIsOverIsNeverStartedAgainThoughTemporalForgotIt() {
        OperationRef cancelled = disks.create("cancelled", "{blank: {}}");
        disks.annotate(cancelled, DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_CANCELLED);
        OperationRef succeeded = disks.create("succeeded", "{blank: {}}");
        disks.resource(succeeded).editStatus(found -> {
            found.setStatus(new DataVolumeStatus(null, "Succeeded", null, null, List.of()));
            return found;
        });

        startBridge();
        startWorker();

        // Taken up in order of arrival: when this one is under way, the others have had their turn.
        OperationRef last = disks.create("z-last", "{blank: {}}");
        disks.awaitStatus(last, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(disks.describe(cancelled)).isEmpty();
        assertThat(disks.describe(succeeded)).isEmpty();
        assertThat(disks.get(succeeded).getMetadata().getFinalizers()).isEmpty();
    }

    @Test
    void deletingEndsTheOperationAndThenTheObjectGoes() {
        startBridge();
        startWorker();
        OperationRef disk = disks.create("disk", "{blank: {}}");
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        disks.resource(disk).delete();

        await().until(() -> disks.resource(disk).get() == null);
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
    }

    @Test
    void anObjectMadeAnewUnderTheNameIsAnotherOperation() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef first = disks.create("disk", "{blank: {}}");
        disks.awaitStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        disks.resource(first).delete();
        await().until(() -> disks.resource(first).get() == null);

        OperationRef second = disks.create("disk", "{blank: {}}");

        disks.awaitStatus(second, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        disks.awaitStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
        worker.finish(second);
        disks.awaitStatus(second, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(disks.get(second).getStatus().phase()).isEqualTo("Succeeded");
    }

    @Test
    void ridesOutAnOutageOfTemporal() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef before = disks.create("before", "{blank: {}}");
        disks.awaitStatus(before, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        temporal.stop();

        OperationRef during = disks.create("during", "{blank: {}}");
        await().until(() -> disks.reasonOf("WorkflowEngineAvailable", during).equals("TemporalUnreachable"));
        await().until(() -> disks.reasonOf("WorkflowEngineAvailable", before).equals("TemporalUnreachable"));
        temporal.startAgain();

        disks.awaitStatus(during, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        await().until(() -> disks.reasonOf("WorkflowEngineAvailable", during).isEmpty());
        await().until(() -> disks.reasonOf("WorkflowEngineAvailable", before).isEmpty());
        worker.finish(before);
        worker.finish(during);
        disks.awaitStatus(before, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        disks.awaitStatus(during, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void startsAgainWhatATemporalWithoutMemoryLost() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef disk = disks.create("disk", "{blank: {}}");
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = disks.runOf(disk);
        temporal.stop();
        temporal.startAnew();
        disks.annotate(disk, "example.org/nudge", "1");

        await().until(() -> disks.describe(disk)
                .filter(found -> !found.getExecution().getRunId().equals(run))
                .isPresent());
        worker.finish(disk);
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void anExecutionTerminatedInTemporalEndsTheOperation() {
        startBridge();
        startWorker();
        OperationRef disk = disks.create("disk", "{blank: {}}");
        disks.awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        observer.client().newUntypedWorkflowStub(WorkflowIds.importOf(disk)).terminate("by an operator");
        disks.annotate(disk, "example.org/nudge", "1");

        await().until(() -> DvflowAnnotations.OUTCOME_CANCELLED.equals(
                disks.get(disk).getMetadata().getAnnotations().get(DvflowAnnotations.OUTCOME)));
        assertThat(disks.get(disk).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
    }

    @Test
    void cancelsTheImportOfAnObjectThatWentWhileTheBridgeWasAway() {
        startWorker();
        RunningBridge first = startBridge();
        OperationRef disk = disks.create("disk", "{blank: {}}");
        await().until(() -> "ImportInProgress".equals(disks.phaseOf(disk)));
        first.close();
        disks.merge(disk, "{\"metadata\":{\"finalizers\":null}}");
        disks.resource(disk).delete();
        await().until(() -> disks.resource(disk).get() == null);

        RunningBridge second = startBridge();

        // Temporal lists what it runs with some delay.
        await().pollInterval(Duration.ofSeconds(1)).until(() -> {
            second.bridge().sweep();
            return disks.status(disk).equals(Optional.of(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED));
        });
    }

    @Test
    void tellsOfAConsumer() {
        startBridge();
        WorkerForTests worker = startWorker();
        worker.needConsumer("disk");
        OperationRef disk = disks.create("disk", "{blank: {}}");
        await().until(() -> "PendingPopulation".equals(disks.phaseOf(disk)));
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

        await().until(() -> "ImportInProgress".equals(disks.phaseOf(disk)));
    }

    @Test
    void saysWhatItDoesNotCarryOut() {
        startBridge();
        OperationRef upload = disks.create("upload", "{upload: {}}");

        await().until(() -> disks.reasonOf("OperationSupported", upload).equals("SourceNotSupported"));
        assertThat(disks.get(upload).getMetadata().getFinalizers()).isEmpty();
        assertThat(disks.describe(upload)).isEmpty();
    }

    @Test
    void saysThatNoWorkerIsThereAndLetsGoByForce() {
        // A server that has just started remembers no worker of another test.
        temporal.stop();
        temporal.startAnew();
        startBridge();
        OperationRef disk = disks.create("disk", "{blank: {}}");
        await().until(() -> disks.reasonOf("WorkflowEngineAvailable", disk).equals("NoWorkers"));

        disks.resource(disk).delete();
        await().until(() -> disks.get(disk).getMetadata().getDeletionTimestamp() != null);
        disks.annotate(disk, DvflowAnnotations.FORCE_RELEASE, "true");

        await().until(() -> disks.resource(disk).get() == null);
    }

    private RunningBridge startBridge() {
        TemporalConnection connection = temporal.connect("bridge");
        var engine = new TemporalEngine(connection, InstantSource.system());
        var bridge = new Bridge(asBridge, engine, new SimpleMeterRegistry(), "test", InstantSource.system());
        bridge.start(() -> LOG.error("A watch has ended"));
        var running = new RunningBridge(bridge, engine, connection);
        opened.add(running);
        return running;
    }

    private record RunningBridge(Bridge bridge, TemporalEngine engine, TemporalConnection connection)
            implements AutoCloseable {
        /** As a process that ends; may be called again. */
        @Override
        public void close() {
            bridge.close();
            engine.close();
            connection.close();
        }
    }

    private WorkerForTests startWorker() {
        var worker = new WorkerForTests(temporal.connect("worker"), api.client());
        opened.add(worker);
        return worker;
    }
}
