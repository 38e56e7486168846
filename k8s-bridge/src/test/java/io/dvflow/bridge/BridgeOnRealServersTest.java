package io.dvflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.bridge.engine.TemporalEngine;
import io.dvflow.temporal.TemporalConnection;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.import_.ImportWorkflow;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
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
        OperationRef disk = create("disk", "{http: {url: \"http://example.org/disk.img\"}}");

        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(get(disk).getMetadata().getFinalizers()).contains(Finalizers.OPERATION);
        assertThat(get(disk).getMetadata().getAnnotations())
                .containsEntry(DvflowAnnotations.WORKFLOW_ID, WorkflowIds.importOf(disk));
        assertThat(describe(disk).orElseThrow().getStaticSummary())
                .isEqualTo("import " + namespace + "/disk from http");
        worker.finish(disk);

        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(get(disk).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
        assertThat(get(disk).getStatus().phase()).isEqualTo("Succeeded");
    }

    @Test
    void aRestartedBridgeGoesOnWithTheSameExecution() throws Exception {
        WorkerForTests worker = startWorker();
        AutoCloseable first = startBridge();
        OperationRef disk = create("disk", "{blank: {}}");
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = runOf(disk);
        first.close();
        annotate(disk, DvflowAnnotations.PAUSED, "true");

        startBridge();

        await().until(() -> isPaused(disk));
        assertThat(runOf(disk)).isEqualTo(run);
        annotate(disk, DvflowAnnotations.PAUSED, null);
        await().until(() -> !isPaused(disk));
        worker.finish(disk);
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void whatIsOverIsNeverStartedAgainThoughTemporalForgotIt() {
        OperationRef cancelled = create("cancelled", "{blank: {}}");
        annotate(cancelled, DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_CANCELLED);
        OperationRef succeeded = create("succeeded", "{blank: {}}");
        resource(succeeded).editStatus(found -> {
            found.setStatus(new io.dvflow.api.v1beta1.DataVolumeStatus(null, "Succeeded", null, null, List.of()));
            return found;
        });

        startBridge();
        startWorker();

        // Looked at in the order of their names; when the last one is under way, the others have had their turn.
        OperationRef last = create("z-last", "{blank: {}}");
        awaitStatus(last, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        assertThat(describe(cancelled)).isEmpty();
        assertThat(describe(succeeded)).isEmpty();
        assertThat(get(succeeded).getMetadata().getFinalizers()).isEmpty();
    }

    @Test
    void deletingEndsTheOperationAndThenTheObjectGoes() {
        startBridge();
        startWorker();
        OperationRef disk = create("disk", "{blank: {}}");
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        resource(disk).delete();

        await().until(() -> resource(disk).get() == null);
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
    }

    @Test
    void anObjectMadeAnewUnderTheNameIsAnotherOperation() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef first = create("disk", "{blank: {}}");
        awaitStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        resource(first).delete();
        await().until(() -> resource(first).get() == null);

        OperationRef second = create("disk", "{blank: {}}");

        awaitStatus(second, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        awaitStatus(first, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
        worker.finish(second);
        awaitStatus(second, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        assertThat(get(second).getStatus().phase()).isEqualTo("Succeeded");
    }

    @Test
    void ridesOutAnOutageOfTemporal() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef before = create("before", "{blank: {}}");
        awaitStatus(before, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        temporal.stop();

        OperationRef during = create("during", "{blank: {}}");
        await().until(() -> reasonOf("WorkflowEngineAvailable", during).equals("TemporalUnreachable"));
        await().until(() -> reasonOf("WorkflowEngineAvailable", before).equals("TemporalUnreachable"));
        temporal.startAgain();

        awaitStatus(during, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        await().until(() -> reasonOf("WorkflowEngineAvailable", during).isEmpty());
        await().until(() -> reasonOf("WorkflowEngineAvailable", before).isEmpty());
        worker.finish(before);
        worker.finish(during);
        awaitStatus(before, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
        awaitStatus(during, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void startsAgainWhatATemporalWithoutMemoryLost() {
        startBridge();
        WorkerForTests worker = startWorker();
        OperationRef disk = create("disk", "{blank: {}}");
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        String run = runOf(disk);
        temporal.stop();
        temporal.startAnew();
        annotate(disk, "example.org/nudge", "1");

        await().until(() -> describe(disk)
                .filter(found -> !found.getExecution().getRunId().equals(run))
                .isPresent());
        worker.finish(disk);
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    }

    @Test
    void anExecutionTerminatedInTemporalEndsTheOperation() {
        startBridge();
        startWorker();
        OperationRef disk = create("disk", "{blank: {}}");
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);

        observer.client().newUntypedWorkflowStub(WorkflowIds.importOf(disk)).terminate("by an operator");
        annotate(disk, "example.org/nudge", "1");

        await().until(() -> DvflowAnnotations.OUTCOME_CANCELLED.equals(
                get(disk).getMetadata().getAnnotations().get(DvflowAnnotations.OUTCOME)));
        assertThat(get(disk).getMetadata().getFinalizers()).doesNotContain(Finalizers.OPERATION);
    }

    @Test
    void cancelsTheImportOfAnObjectThatWentWhileTheBridgeWasAway() throws Exception {
        startWorker();
        AutoCloseable first = startBridge();
        OperationRef disk = create("disk", "{blank: {}}");
        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
        first.close();
        merge(disk, "{\"metadata\":{\"finalizers\":null}}");
        resource(disk).delete();
        await().until(() -> resource(disk).get() == null);

        startBridge();

        awaitStatus(disk, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED);
    }

    @Test
    void tellsOfAConsumer() {
        startBridge();
        WorkerForTests worker = startWorker();
        worker.needConsumer("disk");
        OperationRef disk = create("disk", "{blank: {}}");
        await().until(() -> "PendingPopulation".equals(phaseOf(disk)));
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
                        .withRequests(Map.of("storage", new io.fabric8.kubernetes.api.model.Quantity("1Gi")))
                        .endResources()
                        .endSpec()
                        .build())
                .create();

        await().until(() -> "ImportInProgress".equals(phaseOf(disk)));
    }

    @Test
    void saysWhatItDoesNotCarryOut() {
        startBridge();
        OperationRef upload = create("upload", "{upload: {}}");

        await().until(() -> reasonOf("OperationSupported", upload).equals("SourceNotSupported"));
        assertThat(get(upload).getMetadata().getFinalizers()).isEmpty();
        assertThat(describe(upload)).isEmpty();
    }

    @Test
    void saysThatNoWorkerIsThereAndLetsGoByForce() {
        // A server that has just started remembers no worker of another test.
        temporal.stop();
        temporal.startAnew();
        startBridge();
        OperationRef disk = create("disk", "{blank: {}}");
        await().until(() -> reasonOf("WorkflowEngineAvailable", disk).equals("NoWorkers"));

        resource(disk).delete();
        await().until(() -> get(disk).getMetadata().getDeletionTimestamp() != null);
        annotate(disk, DvflowAnnotations.FORCE_RELEASE, "true");

        await().until(() -> resource(disk).get() == null);
    }

    private AutoCloseable startBridge() {
        TemporalConnection connection = temporal.connect("bridge");
        var engine = new TemporalEngine(connection, InstantSource.system());
        var bridge = new Bridge(asBridge, engine, new SimpleMeterRegistry(), "test", InstantSource.system());
        bridge.start(() -> LOG.error("A watch has ended"));
        AutoCloseable running = new AutoCloseable() {
            private boolean closed;

            @Override
            public void close() {
                if (!closed) {
                    closed = true;
                    bridge.close();
                    engine.close();
                    connection.close();
                }
            }
        };
        opened.add(running);
        return running;
    }

    private WorkerForTests startWorker() {
        var worker = new WorkerForTests(temporal.connect("worker"), api.client());
        opened.add(worker);
        return worker;
    }

    private OperationRef create(String name, String source) {
        DataVolume created = api.client()
                .resource(Serialization.unmarshal("""
                        apiVersion: cdi.kubevirt.io/v1beta1
                        kind: DataVolume
                        metadata: {namespace: %s, name: %s}
                        spec:
                          source: %s
                          storage: {resources: {requests: {storage: 1Gi}}}
                        """.formatted(namespace, name, source), DataVolume.class))
                .create();
        return new OperationRef(namespace, name, created.getMetadata().getUid());
    }

    private Resource<DataVolume> resource(OperationRef ref) {
        return api.client()
                .resources(DataVolume.class)
                .inNamespace(ref.namespace())
                .withName(ref.name());
    }

    private DataVolume get(OperationRef ref) {
        return resource(ref).require();
    }

    private String phaseOf(OperationRef ref) {
        var status = get(ref).getStatus();
        return status == null ? "" : status.phase();
    }

    private void annotate(OperationRef ref, String key, String value) {
        merge(
                ref,
                "{\"metadata\":{\"annotations\":{\"%s\":%s}}}"
                        .formatted(key, value == null ? null : '"' + value + '"'));
    }

    private void merge(OperationRef ref, String patch) {
        resource(ref).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private String reasonOf(String condition, OperationRef ref) {
        var status = get(ref).getStatus();
        return status == null
                ? ""
                : status.conditions().stream()
                        .filter(each -> each.type().equals(condition))
                        .findFirst()
                        .map(DataVolumeCondition::reason)
                        .orElse("");
    }

    private Optional<WorkflowExecutionDescription> describe(OperationRef ref) {
        try {
            return Optional.of(observer.client()
                    .newUntypedWorkflowStub(WorkflowIds.importOf(ref))
                    .describe());
        } catch (WorkflowNotFoundException e) {
            return Optional.empty();
        }
    }

    private String runOf(OperationRef ref) {
        return describe(ref).orElseThrow().getExecution().getRunId();
    }

    private boolean isPaused(OperationRef ref) {
        return observer.client()
                .newWorkflowStub(ImportWorkflow.class, WorkflowIds.importOf(ref))
                .state()
                .paused();
    }

    private void awaitStatus(OperationRef ref, WorkflowExecutionStatus status) {
        await(ref + " is " + status)
                .until(() -> describe(ref)
                        .map(WorkflowExecutionDescription::getStatus)
                        .filter(status::equals)
                        .isPresent());
    }
}
