package io.dvflow.activities.transfer;

import io.dvflow.activities.transfer.source.NodePull;
import io.dvflow.api.Annotations;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets the node pull an image and the transfer program read the disk in it: a container of that image runs nothing of it but
 * a file server that was put beside it. Pure.
 *
 * <p>It is a sidecar, an init container that runs on: so the transfer program starts when the image is there, however long the
 * pull takes, and the kubelet ends the server when the transfer program has ended, however it ended.
 */
final class ImageServer {

    static final String CONTAINER = "server";

    private static final String COPY_CONTAINER = "copy-server";
    private static final String SHARED = "shared-volume";
    private static final String PROGRAM = "/opt/dvflow/containerimage-server";
    private static final String ARCHITECTURE = "kubernetes.io/arch";

    private ImageServer() {}

    static void addTo(Pod pod, NodePull pull, PodSettings settings) {
        PodSpec spec = pod.getSpec();
        Container importer = spec.getContainers().getFirst();
        importer.getVolumeMounts().add(mount(pull));
        spec.getVolumes()
                .add(new VolumeBuilder()
                        .withName(SHARED)
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .build());
        spec.setInitContainers(List.of(
                copying(pull, settings, importer.getSecurityContext()),
                serving(pull, settings, importer.getSecurityContext())));
        pull.pullSecret().ifPresent(secret -> addPullSecret(spec, secret));
        pull.architecture().ifPresent(architecture -> requireNode(spec, architecture));
        if (pull.isImageStream()) {
            pod.getMetadata().getAnnotations().put(Annotations.OPENSHIFT_IMAGE_LOOKUP, "*");
            // As CDI found: OpenShift does not resolve the image streams of pods that have an owner.
            pod.getMetadata().setOwnerReferences(List.of());
        }
    }

    private static Container copying(NodePull pull, PodSettings settings, SecurityContext security) {
        return container(COPY_CONTAINER, settings.image(), pull, settings, security)
                .withImagePullPolicy(settings.imagePullPolicy())
                .withCommand("cp", PROGRAM, pull.directory() + "/server")
                .build();
    }

    /** Pulled as Kubernetes pulls by itself: again if the tag is one that moves, or if it is not there. */
    private static Container serving(NodePull pull, PodSettings settings, SecurityContext security) {
        return container(CONTAINER, pull.image(), pull, settings, security)
                .withRestartPolicy("Always")
                .withCommand(pull.directory() + "/server", "--disks", "/disk", "--shared", pull.directory())
                .build();
    }

    private static ContainerBuilder container(
            String name, String image, NodePull pull, PodSettings settings, SecurityContext security) {
        ContainerBuilder container = new ContainerBuilder()
                .withName(name)
                .withImage(image)
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withSecurityContext(security)
                .withVolumeMounts(mount(pull));
        settings.resources().ifPresent(container::withResources);
        return container;
    }

    private static VolumeMount mount(NodePull pull) {
        return new VolumeMountBuilder()
                .withName(SHARED)
                .withMountPath(pull.directory())
                .build();
    }

    private static void addPullSecret(PodSpec spec, String secret) {
        List<LocalObjectReference> secrets = new ArrayList<>(spec.getImagePullSecrets());
        secrets.add(new LocalObjectReference(secret));
        spec.setImagePullSecrets(secrets);
    }

    private static void requireNode(PodSpec spec, String architecture) {
        Map<String, String> selector =
                new LinkedHashMap<>(Optional.ofNullable(spec.getNodeSelector()).orElse(Map.of()));
        selector.put(ARCHITECTURE, architecture);
        spec.setNodeSelector(selector);
    }
}
