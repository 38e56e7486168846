package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * A claim as its user sees it: a second pod, with the user ID that QEMU has, compares every byte with a file of this
 * machine by {@code cmp}. No code of dvflow takes part.
 */
record Volume(String namespace, String claim, boolean block) {

    private static final String DEVICE = "/dev/volume";

    /** Starts the reader; it waits in Pending for as long as the claim is not bound, as a virtual machine would. */
    Pod startReader(Path directory, String expectedFile) {
        String disk = block ? DEVICE : "/data/disk.img";
        return start(
                "reader-" + claim,
                directory,
                "set -e; cmp /expected/" + expectedFile + " " + disk + "; "
                        + (block ? "" : "stat -c 'stat %s %a %u' " + disk + "; ls -A /data; ") + "echo same");
    }

    /** Starts the reader of a tree: all of it, and that it belongs to the user that QEMU has. */
    Pod startTreeReader(ArchivedTree tree) {
        return start(
                "reader-" + claim,
                tree.directory(),
                "set -e; sh /expected/" + ArchivedTree.DESCRIBE + " /data | diff /expected/" + ArchivedTree.DESCRIPTION
                        + " -; find /data -mindepth 1 -path /data/lost+found -prune -o ! -user 107 -print; echo same");
    }

    /** Starts a pod that uses the claim and does nothing with it: the first consumer of a claim that is filled in place. */
    Pod startFirstConsumer(Path directory) {
        return start("consumer-" + claim, directory, "true");
    }

    private Pod start(String name, Path directory, String script) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withNewSecurityContext()
                .withRunAsUser(107L)
                .withRunAsGroup(107L)
                .withFsGroup(107L)
                // Otherwise the kubelet gives the group rights to everything in the volume, whatever its mode was.
                .withFsGroupChangePolicy("OnRootMismatch")
                .endSecurityContext()
                .addNewVolume()
                .withName("expected")
                .withNewHostPath()
                .withPath(directory.toString())
                .endHostPath()
                .endVolume()
                .addNewVolume()
                .withName("volume")
                .withNewPersistentVolumeClaim()
                .withClaimName(claim)
                .endPersistentVolumeClaim()
                .endVolume()
                .addNewContainer()
                .withName("reader")
                .withImage(TestCluster.get().transferImage())
                .withImagePullPolicy("IfNotPresent")
                .withCommand("/bin/sh", "-c", script)
                .addNewVolumeMount()
                .withName("expected")
                .withMountPath("/expected")
                .withReadOnly(true)
                .endVolumeMount()
                .endContainer()
                .endSpec()
                .build();
        var container = pod.getSpec().getContainers().getFirst();
        if (block) {
            container
                    .getVolumeDevices()
                    .add(new io.fabric8.kubernetes.api.model.VolumeDeviceBuilder()
                            .withName("volume")
                            .withDevicePath(DEVICE)
                            .build());
        } else {
            container
                    .getVolumeMounts()
                    .add(new io.fabric8.kubernetes.api.model.VolumeMountBuilder()
                            .withName("volume")
                            .withMountPath("/data")
                            .build());
        }
        return kubernetes().pods().inNamespace(namespace).resource(pod).create();
    }

    /** Waits for the reader's verdict, and takes it away. */
    void awaitSame(long diskBytes) {
        String log = verdict();
        assertThat(log).as("what cmp says of claim %s/%s", namespace, claim).endsWith("same\n");
        if (!block) {
            assertThat(log).as("size, mode and owner").contains("stat " + diskBytes + " 660 107");
            assertThat(log.lines().filter(line -> !line.startsWith("stat ")))
                    .as("files beside the disk")
                    .isSubsetOf("disk.img", "lost+found", "same");
        }
    }

    /** As {@link #awaitSame}, of the reader of a tree. */
    void awaitSameTree() {
        assertThat(verdict())
                .as("what diff says of claim %s/%s, and what belongs to others", namespace, claim)
                .isEqualTo("same\n");
    }

    private String verdict() {
        var reader = kubernetes().pods().inNamespace(namespace).withName("reader-" + claim);
        await("reader of claim " + namespace + "/" + claim)
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> Set.of("Succeeded", "Failed")
                        .contains(reader.get().getStatus().getPhase()));
        String log = reader.getLog();
        reader.withGracePeriod(0).delete();
        await().atMost(TestNamespace.PATIENCE).until(() -> reader.get() == null);
        return log;
    }

    private static KubernetesClient kubernetes() {
        return TestCluster.get().kubernetes();
    }
}
