package io.dvflow.activities.claim;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.kubernetes.Deletion;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.activities.kubernetes.InformerFollowing;
import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.dvflow.api.DvflowLabels;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.VolumeImportSource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@link ClaimStore} behind a real API server. */
public final class KubernetesClaims implements ClaimStore {

    private final KubernetesClient client;

    public KubernetesClaims(KubernetesClient client) {
        this.client = client;
    }

    @Override
    public Optional<PersistentVolumeClaim> find(String namespace, String name) {
        return Optional.ofNullable(KubernetesCalls.call(
                "reading claim " + namespace + "/" + name,
                () -> resource(namespace, name).get()));
    }

    @Override
    public PersistentVolumeClaim create(PersistentVolumeClaim claim) {
        try {
            return KubernetesCalls.call(
                    "creating claim " + nameOf(claim),
                    () -> client.resource(claim).create());
        } catch (Trouble e) {
            // Quotas are asked before names: one that this very claim has used up hides that it is there.
            boolean quota = e.reason().equals(Reasons.ERR_EXCEEDED_QUOTA);
            if (quota
                    && find(
                                    claim.getMetadata().getNamespace(),
                                    claim.getMetadata().getName())
                            .isPresent()) {
                throw new Conflict(e.getMessage(), e);
            }
            throw e;
        }
    }

    @Override
    public PersistentVolumeClaim annotate(PersistentVolumeClaim claim, Map<String, String> annotations) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("uid", claim.getMetadata().getUid());
        metadata.put("annotations", annotations);
        return patch("annotating claim ", claim, Map.of("metadata", metadata));
    }

    @Override
    public PersistentVolumeClaim label(PersistentVolumeClaim claim, Map<String, String> labels) {
        Map<String, Object> metadata = Map.of("uid", claim.getMetadata().getUid(), "labels", labels);
        return patch("labelling claim ", claim, Map.of("metadata", metadata));
    }

    @Override
    public PersistentVolumeClaim adopt(
            PersistentVolumeClaim claim, OwnerReference owner, Map<String, String> annotations) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("uid", claim.getMetadata().getUid());
        metadata.put("resourceVersion", claim.getMetadata().getResourceVersion());
        metadata.put("ownerReferences", List.of(owner));
        metadata.put("annotations", annotations);
        return patch("adopting claim ", claim, Map.of("metadata", metadata));
    }

    private PersistentVolumeClaim patch(String doing, PersistentVolumeClaim claim, Map<String, Object> patch) {
        // The map is written as it is: its nulls are what removes an annotation.
        String json = client.getKubernetesSerialization().asJson(patch);
        // On the object as it was seen: by name alone, the client would read it first.
        return KubernetesCalls.call(
                doing + nameOf(claim), () -> client.resource(claim).patch(PatchContext.of(PatchType.JSON_MERGE), json));
    }

    @Override
    public void delete(PersistentVolumeClaim claim) {
        Deletion.of(client, "persistentvolumeclaims", claim, Optional.empty());
    }

    @Override
    public List<PersistentVolumeClaim> labelled(String namespace, String dataVolumeUid) {
        return KubernetesCalls.call(
                "listing claims of DataVolume " + dataVolumeUid + " in " + namespace,
                () -> client.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withLabel(DvflowLabels.DATAVOLUME_UID, dataVolumeUid)
                        .list()
                        .getItems());
    }

    @Override
    public Following<PersistentVolumeClaim> follow(String namespace, String name, Bell bell) {
        return InformerFollowing.open("claim " + namespace + "/" + name, resource(namespace, name), bell);
    }

    @Override
    public Optional<PersistentVolume> volume(String name) {
        return Optional.ofNullable(KubernetesCalls.call(
                "reading volume " + name,
                () -> client.persistentVolumes().withName(name).get()));
    }

    @Override
    public PersistentVolume reserve(
            PersistentVolume seen, PersistentVolumeClaim claim, Map<String, String> annotations) {
        Map<String, Object> patch = Map.of(
                "metadata",
                Map.of(
                        "uid", seen.getMetadata().getUid(),
                        "resourceVersion", seen.getMetadata().getResourceVersion(),
                        "annotations", annotations),
                "spec",
                Map.of(
                        "claimRef",
                        Map.of(
                                "apiVersion", claim.getApiVersion(),
                                "kind", claim.getKind(),
                                "namespace", claim.getMetadata().getNamespace(),
                                "name", claim.getMetadata().getName(),
                                "uid", claim.getMetadata().getUid(),
                                "resourceVersion", claim.getMetadata().getResourceVersion())));
        String json = client.getKubernetesSerialization().asJson(patch);
        return KubernetesCalls.call(
                "reserving volume " + seen.getMetadata().getName() + " for claim " + nameOf(claim),
                () -> client.resource(seen).patch(PatchContext.of(PatchType.JSON_MERGE), json));
    }

    @Override
    public void create(VolumeImportSource source) {
        KubernetesCalls.run(
                "creating VolumeImportSource " + nameOf(source),
                () -> client.resource(source).create());
    }

    @Override
    public void deleteImportSource(String namespace, String name) {
        KubernetesCalls.run(
                "deleting VolumeImportSource " + namespace + "/" + name,
                () -> client.resources(VolumeImportSource.class)
                        .inNamespace(namespace)
                        .withName(name)
                        .delete());
    }

    private Resource<PersistentVolumeClaim> resource(String namespace, String name) {
        return client.persistentVolumeClaims().inNamespace(namespace).withName(name);
    }

    private static String nameOf(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }
}
