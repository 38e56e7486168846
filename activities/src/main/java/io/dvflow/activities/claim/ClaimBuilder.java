package io.dvflow.activities.claim;

import static io.dvflow.activities.claim.RenderedClaim.STORAGE;

import io.dvflow.activities.OperationLabels;
import io.dvflow.api.Annotations;
import io.dvflow.api.Labels;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.api.v1beta1.ContentType;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.ImportSourceType;
import io.dvflow.api.v1beta1.StorageSpec;
import io.dvflow.api.v1beta1.VolumeImportSource;
import io.dvflow.api.v1beta1.VolumeImportSourceSpec;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirementsBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The claims of an import as Kubernetes objects. Pure. */
public final class ClaimBuilder {

    /** What kubectl keeps for itself says nothing about the claim. */
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    /** Intent and outcome are the DataVolume's own: on the claim they would only age. */
    private static final String OURS = "dvflow.io/";

    private static final Set<String> VDDK =
            Set.of(Annotations.STORAGE_POD_VDDK_INIT_IMAGE_URL, Annotations.STORAGE_POD_VDDK_EXTRA_ARGS);

    private ClaimBuilder() {}

    /** The claim that the user sees and the virtual machine mounts. */
    public static PersistentVolumeClaim target(DataVolume object, ImportPlan plan) {
        PersistentVolumeClaimSpecBuilder spec = new PersistentVolumeClaimSpecBuilder(specOf(object.getSpec(), plan));
        if (plan.path() == ClaimPath.POPULATOR) {
            spec.withNewDataSourceRef()
                    .withApiGroup(CdiApi.GROUP)
                    .withKind("VolumeImportSource")
                    .withName(ClaimNames.importSource(object.getMetadata().getUid()))
                    .endDataSourceRef();
        }
        Map<String, String> labels = OperationLabels.with(
                object.getMetadata().getLabels(), object.getMetadata().getUid());
        labels.put(Labels.FILLING_UP_ALERT, Labels.FILLING_UP_ALERT_DISABLED);
        return new PersistentVolumeClaimBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(object.getMetadata().getNamespace())
                        .withName(plan.claimName())
                        .withLabels(labels)
                        .withAnnotations(targetAnnotations(object, plan))
                        .withOwnerReferences(Owners.controller(object))
                        .build())
                .withSpec(spec.build())
                .build();
    }

    private static PersistentVolumeClaimSpec specOf(DataVolumeSpec spec, ImportPlan plan) {
        return spec.storage() == null
                ? new PersistentVolumeClaimSpecBuilder(spec.pvc())
                        .withStorageClassName(
                                plan.storageClass().orElse(spec.pvc().getStorageClassName()))
                        .withVolumeMode(plan.volumeMode())
                        .build()
                : completed(spec.storage(), plan);
    }

    private static PersistentVolumeClaimSpec completed(StorageSpec storage, ImportPlan plan) {
        return new PersistentVolumeClaimSpecBuilder()
                .withAccessModes(storage.accessModes().isEmpty() ? List.of(plan.accessMode()) : storage.accessModes())
                .withVolumeMode(plan.volumeMode())
                .withStorageClassName(plan.storageClass().orElse(storage.storageClassName()))
                .withVolumeName(storage.volumeName())
                .withSelector(storage.selector())
                .withResources(new VolumeResourceRequirementsBuilder(storage.resources())
                        .withRequests(Map.of(STORAGE, new Quantity(Long.toString(plan.claimBytes()))))
                        .build())
                .build();
    }

    /** The claim that is filled out of sight; like the target, but for what makes it bind to what. */
    public static PersistentVolumeClaim prime(DataVolume object, ImportPlan plan, PersistentVolumeClaim target) {
        return new PersistentVolumeClaimBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(target.getMetadata().getNamespace())
                        .withName(ClaimNames.prime(target.getMetadata().getUid()))
                        .withLabels(temporaryLabels(object))
                        .withAnnotations(primeAnnotations(object, plan, target))
                        .withOwnerReferences(Owners.controller(target))
                        .build())
                .withSpec(new PersistentVolumeClaimSpecBuilder(target.getSpec())
                        .withDataSource(null)
                        .withDataSourceRef(null)
                        .withVolumeName(null)
                        .build())
                .build();
    }

    /**
     * Room for a source beside the claim that is filled; goes with it.
     *
     * @param storageClass empty for a volume without one
     */
    public static PersistentVolumeClaim scratch(
            DataVolume object, PersistentVolumeClaim filled, Optional<String> storageClass, long bytes) {
        return new PersistentVolumeClaimBuilder()
                .withMetadata(new ObjectMetaBuilder()
                        .withNamespace(filled.getMetadata().getNamespace())
                        .withName(ClaimNames.scratch(filled.getMetadata().getName()))
                        .withLabels(temporaryLabels(object))
                        .withOwnerReferences(Owners.controller(filled))
                        .build())
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withVolumeMode("Filesystem")
                .withStorageClassName(storageClass.orElse(""))
                .withNewResources()
                .withRequests(Map.of(STORAGE, new Quantity(Long.toString(bytes))))
                .endResources()
                .endSpec()
                .build();
    }

    private static Map<String, String> temporaryLabels(DataVolume object) {
        Map<String, String> labels =
                OperationLabels.with(Map.of(), object.getMetadata().getUid());
        labels.put(Labels.FILLING_UP_ALERT, Labels.FILLING_UP_ALERT_DISABLED);
        labels.put(Labels.EXCLUDE_FROM_BACKUP, "true");
        return labels;
    }

    /** What the target's data source reference names. */
    public static VolumeImportSource importSource(DataVolume object, ImportPlan plan) {
        VolumeImportSource made = new VolumeImportSource();
        made.setMetadata(new ObjectMetaBuilder()
                .withNamespace(object.getMetadata().getNamespace())
                .withName(ClaimNames.importSource(object.getMetadata().getUid()))
                .withLabels(OperationLabels.with(Map.of(), object.getMetadata().getUid()))
                .withOwnerReferences(Owners.controller(object))
                .build());
        made.setSpec(new VolumeImportSourceSpec(
                ImportSourceType.of(object.getSpec().source()),
                plan.preallocate(),
                ContentType.of(object.getSpec().contentType()).wireName(),
                null,
                List.of(),
                null));
        return made;
    }

    private static Map<String, String> targetAnnotations(DataVolume object, ImportPlan plan) {
        Map<String, String> annotations = new LinkedHashMap<>();
        Optional.ofNullable(object.getMetadata().getAnnotations())
                .orElse(Map.of())
                .forEach((key, value) -> {
                    if (!key.equals(LAST_APPLIED) && !key.startsWith(OURS)) {
                        annotations.put(key, value);
                    }
                });
        importAnnotations(object, plan).forEach((key, value) -> {
            // What users say of VDDK in annotations beats the spec, so it is what is true of the claim.
            if (!VDDK.contains(key) || !annotations.containsKey(key)) {
                annotations.put(key, value);
            }
        });
        annotations.put(
                Annotations.CREATED_FOR_DATA_VOLUME, object.getMetadata().getUid());
        return annotations;
    }

    private static Map<String, String> primeAnnotations(
            DataVolume object, ImportPlan plan, PersistentVolumeClaim target) {
        Map<String, String> annotations = importAnnotations(object, plan);
        annotations.put(Annotations.STORAGE_BIND_IMMEDIATE_REQUESTED, "true");
        annotations.put(Annotations.STORAGE_POPULATOR_KIND, "VolumeImportSource");
        String node = annotation(target, Annotations.SELECTED_NODE);
        if (node != null) {
            annotations.put(Annotations.SELECTED_NODE, node);
        }
        return annotations;
    }

    private static Map<String, String> importAnnotations(DataVolume object, ImportPlan plan) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Annotations.STORAGE_POD_RESTARTS, "0");
        annotations.put(
                Annotations.STORAGE_CONTENT_TYPE,
                ContentType.of(object.getSpec().contentType()).wireName());
        annotations.put(Annotations.STORAGE_PREALLOCATION_REQUESTED, Boolean.toString(plan.preallocate()));
        annotations.putAll(SourceAnnotations.of(object.getSpec().source()));
        return annotations;
    }

    static String annotation(HasMetadata object, String key) {
        return Optional.ofNullable(object.getMetadata().getAnnotations())
                .map(all -> all.get(key))
                .orElse(null);
    }
}
