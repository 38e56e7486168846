package io.dvflow.activities.transfer;

import io.dvflow.activities.OperationLabels;
import io.dvflow.activities.claim.Owners;
import io.dvflow.activities.transfer.source.Mounted;
import io.dvflow.activities.transfer.source.SourceSetup;
import io.dvflow.api.Annotations;
import io.dvflow.api.Labels;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFileBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The transfer pod as a Kubernetes object. Never restarted by the kubelet, and without rights of any kind. Pure. */
final class TransferPodBuilder {

    static final String CONTAINER = "importer";

    /** CDI's. */
    private static final int METRICS_PORT = 8443;

    private static final String DATA = "cdi-data-vol";
    private static final String SCRATCH = "cdi-scratch-vol";
    private static final String PLAN_DIRECTORY = "/etc/dvflow";
    private static final String PLAN_FILE = "plan.json";
    private static final String RATE_FILE = "rate-limit";
    /** The user that owns disks in KubeVirt. */
    private static final long QEMU = 107;
    /** What a flush of what is in flight may take at the end. */
    private static final long GRACE_SECONDS = 30;

    /** Only these pass from a DataVolume to its pods. */
    private static final List<String> PASSED_ON = List.of(
            Annotations.NETWORKS, Annotations.DEFAULT_NETWORK, Annotations.ISTIO_INJECT, Annotations.LINKERD_INJECT);

    private TransferPodBuilder() {}

    /**
     * @param claim the claim that is filled; owns the pod
     * @param soFar what earlier pods have come to
     */
    static Pod build(
            DataVolume object,
            ImportPlan plan,
            PersistentVolumeClaim claim,
            TransferProgress soFar,
            PodSettings settings) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace(claim.getMetadata().getNamespace())
                .withName(PodNames.importer(claim.getMetadata().getName(), plan.checkpoint()))
                .withLabels(labels(object))
                .withAnnotations(annotations(object, plan, soFar, settings))
                .withOwnerReferences(Owners.controller(claim))
                .endMetadata()
                .withSpec(spec(object, plan, claim, soFar.scratch(), settings))
                .build();
        SourceSetup setup = SourceSetup.of(object);
        settings.proxies().ifPresent(proxies -> PodProxy.addTo(pod, setup.source(), proxies));
        setup.pulled().ifPresent(pull -> ImageServer.addTo(pod, pull, settings));
        setup.library().ifPresent(library -> VddkSideCar.addTo(pod, library, settings));
        return pod;
    }

    private static PodSpec spec(
            DataVolume object,
            ImportPlan plan,
            PersistentVolumeClaim claim,
            Optional<ScratchSpace> scratch,
            PodSettings settings) {
        PodSpecBuilder spec = new PodSpecBuilder()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withServiceAccountName(serviceAccount(object))
                .withPriorityClassName(priorityClass(object))
                .withImagePullSecrets(settings.imagePullSecrets())
                .withSecurityContext(new PodSecurityContextBuilder()
                        .withRunAsNonRoot(true)
                        .withRunAsUser(QEMU)
                        .withRunAsGroup(QEMU)
                        .withFsGroup(QEMU)
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .build())
                .withContainers(container(object, plan, scratch, settings))
                .withVolumes(volumes(object, claim, scratch));
        settings.placement()
                .ifPresent(placement -> spec.withNodeSelector(placement.nodeSelector())
                        .withAffinity(placement.affinity())
                        .withTolerations(placement.tolerations()));
        return spec.build();
    }

    private static Container container(
            DataVolume object, ImportPlan plan, Optional<ScratchSpace> scratch, PodSettings settings) {
        ContainerBuilder container = new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(settings.image())
                .withImagePullPolicy(settings.imagePullPolicy())
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewPort()
                .withName("metrics")
                .withContainerPort(METRICS_PORT)
                .withProtocol("TCP")
                .endPort()
                .withSecurityContext(new SecurityContextBuilder()
                        .withAllowPrivilegeEscalation(false)
                        .withReadOnlyRootFilesystem(true)
                        .withNewCapabilities()
                        .withDrop("ALL")
                        .endCapabilities()
                        .build())
                .withVolumeMounts(mounts(object, plan, scratch));
        settings.resources().ifPresent(container::withResources);
        if (TransferPlans.isBlock(plan)) {
            container
                    .addNewVolumeDevice()
                    .withName(DATA)
                    .withDevicePath(TransferPlans.BLOCK_DEVICE)
                    .endVolumeDevice();
        }
        return container.build();
    }

    private static List<VolumeMount> mounts(DataVolume object, ImportPlan plan, Optional<ScratchSpace> scratch) {
        List<VolumeMount> mounts = new ArrayList<>();
        if (!TransferPlans.isBlock(plan)) {
            mounts.add(mount(DATA, TransferPlans.DATA_DIRECTORY));
        }
        scratch.ifPresent(_ -> mounts.add(mount(SCRATCH, TransferPlans.SCRATCH_DIRECTORY)));
        mounts.add(mount("tmp", "/tmp"));
        mounts.add(readOnly("plan", PLAN_DIRECTORY));
        SourceSetup.of(object).mounted().forEach(each -> mounts.add(readOnly(each.volume(), each.path())));
        return mounts;
    }

    private static List<Volume> volumes(
            DataVolume object, PersistentVolumeClaim claim, Optional<ScratchSpace> scratch) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(claimed(DATA, claim.getMetadata().getName()));
        scratch.ifPresent(space -> volumes.add(claimed(SCRATCH, space.claimName())));
        volumes.add(new VolumeBuilder()
                .withName("tmp")
                .withNewEmptyDir()
                .endEmptyDir()
                .build());
        volumes.add(new VolumeBuilder()
                .withName("plan")
                .withNewDownwardAPI()
                .withItems(
                        annotationFile(PLAN_FILE, TransferAnnotations.PLAN),
                        annotationFile(RATE_FILE, TransferAnnotations.RATE_LIMIT))
                .endDownwardAPI()
                .build());
        SourceSetup.of(object).mounted().forEach(each -> volumes.add(volume(each)));
        return volumes;
    }

    private static DownwardAPIVolumeFile annotationFile(String path, String annotation) {
        return new DownwardAPIVolumeFileBuilder()
                .withPath(path)
                .withNewFieldRef()
                .withFieldPath("metadata.annotations['" + annotation + "']")
                .endFieldRef()
                .build();
    }

    private static Volume claimed(String volume, String claim) {
        return new VolumeBuilder()
                .withName(volume)
                .withNewPersistentVolumeClaim()
                .withClaimName(claim)
                .endPersistentVolumeClaim()
                .build();
    }

    private static Volume volume(Mounted mounted) {
        VolumeBuilder volume = new VolumeBuilder().withName(mounted.volume());
        return switch (mounted.from()) {
            case SECRET ->
                volume.withNewSecret()
                        .withSecretName(mounted.name())
                        .endSecret()
                        .build();
            case CONFIG_MAP ->
                volume.withNewConfigMap()
                        .withName(mounted.name())
                        .endConfigMap()
                        .build();
        };
    }

    private static VolumeMount mount(String name, String path) {
        return new VolumeMountBuilder().withName(name).withMountPath(path).build();
    }

    private static VolumeMount readOnly(String name, String path) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(true)
                .build();
    }

    private static Map<String, String> labels(DataVolume object) {
        Map<String, String> labels = OperationLabels.with(
                object.getMetadata().getLabels(), object.getMetadata().getUid());
        labels.put(Labels.CDI, Labels.CDI_IMPORTER);
        labels.put(Labels.PROMETHEUS, "true");
        return labels;
    }

    private static Map<String, String> annotations(
            DataVolume object, ImportPlan plan, TransferProgress soFar, PodSettings settings) {
        TransferPlan transfer = TransferPlans.of(object, plan, soFar, settings.insecureRegistries());
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(Annotations.ISTIO_INJECT, "false");
        annotations.put(Annotations.LINKERD_INJECT, "disabled");
        Map<String, String> given =
                Optional.ofNullable(object.getMetadata().getAnnotations()).orElse(Map.of());
        PASSED_ON.stream().filter(given::containsKey).forEach(key -> annotations.put(key, given.get(key)));
        annotations.put(Annotations.PREFIX + "storage.createdByController", "yes");
        annotations.put(TransferAnnotations.ATTEMPT, Integer.toString(transfer.attempt()));
        soFar.scratch()
                .ifPresent(space -> annotations.put(TransferAnnotations.SCRATCH_BYTES, Long.toString(space.bytes())));
        PodRate.of(object).ifPresent(rate -> annotations.put(TransferAnnotations.RATE_LIMIT, rate));
        annotations.put(TransferAnnotations.PLAN, TransferJson.write(transfer));
        return annotations;
    }

    private static String serviceAccount(DataVolume object) {
        return present(object.getSpec().serviceAccountName())
                .or(() -> annotation(object, Annotations.STORAGE_POD_SERVICE_ACCOUNT_NAME))
                .orElse(null);
    }

    private static String priorityClass(DataVolume object) {
        return present(object.getSpec().priorityClassName())
                .or(() -> annotation(object, Annotations.STORAGE_POD_PRIORITY_CLASS_NAME))
                .orElse(null);
    }

    private static Optional<String> annotation(DataVolume object, String key) {
        return Optional.ofNullable(object.getMetadata().getAnnotations()).map(all -> all.get(key));
    }

    private static Optional<String> present(String value) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank());
    }
}
