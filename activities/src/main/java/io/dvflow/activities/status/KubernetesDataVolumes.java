package io.dvflow.activities.status;

import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link DataVolumeStore} behind a real API server. */
public final class KubernetesDataVolumes implements DataVolumeStore {

    /** One name for all workers and all steps: what an earlier step owned, a later one must be able to take back. */
    public static final String FIELD_MANAGER = "dvflow-worker";

    private final KubernetesClient client;

    public KubernetesDataVolumes(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<DataVolume> find(OperationRef object) {
        DataVolume found = KubernetesCalls.call(
                "reading DataVolume " + object,
                () -> client.resources(DataVolume.class)
                        .inNamespace(object.namespace())
                        .withName(object.name())
                        .get());
        return Optional.ofNullable(found)
                .filter(seen -> object.uid().equals(seen.getMetadata().getUid()));
    }

    @Override
    public DataVolume applyStatus(DataVolume seen, DataVolumeStatus owned) {
        DataVolume patch = new DataVolume();
        patch.setMetadata(identityOf(seen));
        patch.setStatus(owned);
        return KubernetesCalls.call(
                "writing the status of DataVolume " + StatusWriter.refOf(seen),
                () -> client.resource(patch)
                        .subresource("status")
                        .patch(new PatchContext.Builder()
                                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                                .withFieldManager(FIELD_MANAGER)
                                .withForce(true)
                                .build()));
    }

    @Override
    public DataVolume patchMetadata(DataVolume seen, Map<String, String> annotations, List<String> finalizers) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("uid", seen.getMetadata().getUid());
        metadata.put("resourceVersion", seen.getMetadata().getResourceVersion());
        metadata.put("annotations", annotations);
        metadata.put("finalizers", finalizers);
        String patch = client.getKubernetesSerialization().asJson(Map.of("metadata", metadata));
        return KubernetesCalls.call(
                "writing the annotations and finalizers of DataVolume " + StatusWriter.refOf(seen),
                // On the object as it was seen: by name alone, the client would read it first.
                () -> client.resource(seen).patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    /** Both are preconditions: a status write carries the UID for readers of the audit log, the version for safety. */
    private static ObjectMeta identityOf(DataVolume seen) {
        return new ObjectMetaBuilder()
                .withNamespace(seen.getMetadata().getNamespace())
                .withName(seen.getMetadata().getName())
                .withUid(seen.getMetadata().getUid())
                .withResourceVersion(seen.getMetadata().getResourceVersion())
                .build();
    }
}
