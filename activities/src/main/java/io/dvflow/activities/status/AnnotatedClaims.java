package io.dvflow.activities.status;

import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Claims that ask for an import themselves, as {@link DataVolumeStore} would have them. Their status is an annotation. */
public final class AnnotatedClaims implements DataVolumeStore {

    private final KubernetesClient client;

    public AnnotatedClaims(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<DataVolume> find(OperationRef object) {
        PersistentVolumeClaim found = KubernetesCalls.call(
                "reading claim " + object,
                () -> client.persistentVolumeClaims()
                        .inNamespace(object.namespace())
                        .withName(object.name())
                        .get());
        return Optional.ofNullable(found)
                .filter(seen -> object.uid().equals(seen.getMetadata().getUid()))
                .map(AnnotatedClaim::of);
    }

    @Override
    public DataVolume applyStatus(DataVolume seen, DataVolumeStatus owned) {
        Map<String, String> annotations = new LinkedHashMap<>(ClaimProjection.of(owned));
        annotations.put(DvflowAnnotations.STATUS, AnnotatedClaim.asAnnotation(owned));
        return patch("writing the status of claim ", seen, Map.of("annotations", annotations));
    }

    @Override
    public DataVolume patchMetadata(DataVolume seen, Map<String, String> annotations, List<String> finalizers) {
        return patch(
                "writing the annotations and finalizers of claim ",
                seen,
                Map.of("annotations", annotations, "finalizers", finalizers));
    }

    private DataVolume patch(String doing, DataVolume seen, Map<String, Object> changes) {
        Map<String, Object> metadata = new LinkedHashMap<>(changes);
        metadata.put("uid", seen.getMetadata().getUid());
        metadata.put("resourceVersion", seen.getMetadata().getResourceVersion());
        String json = client.getKubernetesSerialization().asJson(Map.of("metadata", metadata));
        // On the object as it was seen: by name alone, the client would read it first.
        PersistentVolumeClaim named = new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(seen.getMetadata().getNamespace())
                .withName(seen.getMetadata().getName())
                .endMetadata()
                .build();
        return AnnotatedClaim.of(KubernetesCalls.call(
                doing + StatusWriter.refOf(seen),
                () -> client.resource(named).patch(PatchContext.of(PatchType.JSON_MERGE), json)));
    }
}
