package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.transfer.source.VddkLibrary;
import io.dvflow.api.Reasons;
import io.dvflow.transfer.TransferSource;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** What a transfer pod has more for disks of VMware: the user's image copies its library before the transfer begins. */
final class VddkSideCar {

    private VddkSideCar() {}

    static void addTo(Pod pod, VddkLibrary library, PodSettings settings) {
        VddkNodes.addTo(pod);
        library.settings()
                .map(name -> settings.vddk().configMaps().read(pod.getMetadata().getNamespace(), name))
                .ifPresent(found -> VddkNodes.addTo(pod, library, found));
        PodSpec spec = pod.getSpec();
        spec.getContainers().stream()
                .filter(container -> TransferPodBuilder.CONTAINER.equals(container.getName()))
                .forEach(container -> {
                    container.setImage(settings.vddk().transferImage());
                    container
                            .getVolumeMounts()
                            .add(new VolumeMountBuilder()
                                    .withName(VddkLibrary.VOLUME)
                                    // Only the library: the transfer program's own files are beside it.
                                    .withMountPath(TransferSource.Vddk.LIBRARY)
                                    .withSubPath(VddkLibrary.DIRECTORY)
                                    .withReadOnly(true)
                                    .build());
                });
        spec.setInitContainers(List.of(new ContainerBuilder()
                .withName(VddkLibrary.CONTAINER)
                .withImage(imageOf(library, settings))
                .withImagePullPolicy(settings.imagePullPolicy())
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withSecurityContext(new SecurityContextBuilder()
                        .withAllowPrivilegeEscalation(false)
                        .withReadOnlyRootFilesystem(true)
                        .withNewCapabilities()
                        .withDrop("ALL")
                        .endCapabilities()
                        .build())
                .withVolumeMounts(new VolumeMountBuilder()
                        .withName(VddkLibrary.VOLUME)
                        .withMountPath(VddkLibrary.COPIED_TO)
                        .build())
                .build()));
        var volumes = new ArrayList<>(spec.getVolumes());
        volumes.add(new VolumeBuilder()
                .withName(VddkLibrary.VOLUME)
                .withNewEmptyDir()
                .endEmptyDir()
                .build());
        spec.setVolumes(volumes);
    }

    private static String imageOf(VddkLibrary library, PodSettings settings) {
        return library.image()
                .or(settings.vddk()::libraryImage)
                .orElseThrow(() -> Trouble.needsChange(
                        Reasons.AWAITING_VDDK, "The image with the VDDK library is not known any more"));
    }
}
