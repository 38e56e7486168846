package io.dvflow.bridge;

import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.temporal.TemporalConnection;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.import_.ImportWorkflow;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import java.util.Optional;

/** DataVolumes of one namespace and their imports, as a person with kubectl and the temporal command sees them. */
final class DataVolumesUnderTest {

    private final KubernetesClient client;
    private final String namespace;
    private final TemporalConnection temporal;

    DataVolumesUnderTest(KubernetesClient client, String namespace, TemporalConnection temporal) {
        this.client = client;
        this.namespace = namespace;
        this.temporal = temporal;
    }

    OperationRef create(String name, String source) {
        DataVolume created = client.resource(
                        Serialization.unmarshal("""
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

    Resource<DataVolume> resource(OperationRef ref) {
        return client.resources(DataVolume.class).inNamespace(ref.namespace()).withName(ref.name());
    }

    DataVolume get(OperationRef ref) {
        return resource(ref).require();
    }

    String phaseOf(OperationRef ref) {
        var status = get(ref).getStatus();
        return status == null ? "" : status.phase();
    }

    void annotate(OperationRef ref, String key, String value) {
        merge(
                ref,
                "{\"metadata\":{\"annotations\":{\"%s\":%s}}}"
                        .formatted(key, value == null ? null : '"' + value + '"'));
    }

    void merge(OperationRef ref, String patch) {
        resource(ref).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    String reasonOf(String condition, OperationRef ref) {
        var status = get(ref).getStatus();
        return status == null
                ? ""
                : status.conditions().stream()
                        .filter(each -> each.type().equals(condition))
                        .findFirst()
                        .map(DataVolumeCondition::reason)
                        .orElse("");
    }

    Optional<WorkflowExecutionDescription> describe(OperationRef ref) {
        try {
            return Optional.of(temporal.client()
                    .newUntypedWorkflowStub(WorkflowIds.importOf(ref))
                    .describe());
        } catch (WorkflowNotFoundException e) {
            return Optional.empty();
        }
    }

    String runOf(OperationRef ref) {
        return describe(ref).orElseThrow().getExecution().getRunId();
    }

    boolean isPaused(OperationRef ref) {
        return temporal.client()
                .newWorkflowStub(ImportWorkflow.class, WorkflowIds.importOf(ref))
                .state()
                .paused();
    }

    Optional<WorkflowExecutionStatus> status(OperationRef ref) {
        return describe(ref).map(WorkflowExecutionDescription::getStatus);
    }

    void awaitStatus(OperationRef ref, WorkflowExecutionStatus status) {
        await(ref + " is " + status).until(() -> status(ref).equals(Optional.of(status)));
    }
}
