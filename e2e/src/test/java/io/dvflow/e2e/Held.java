package io.dvflow.e2e;

import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** An import that a {@link Gate} holds, with all that the gate needs to hold it and let it go. */
final class Held {

    static final long IMAGE_BYTES = 24 << 20;
    static final long DISK_BYTES = 32 << 20;

    final TestNamespace namespace;
    final Resource source;
    private final SourceImages images;
    private final Path image;
    private final String url;
    String storageClass = "csi-immediate";
    RunningImport running;
    private boolean readerStarted;

    Held(TestNamespace namespace, SourceImages images, FaultServer server) {
        this.namespace = namespace;
        this.images = images;
        this.image = images.make("qcow2", IMAGE_BYTES, 7);
        String path = "/" + UUID.randomUUID() + ".qcow2";
        this.source = server.add(path, ResourceSpec.of(image));
        this.url = server.url(path);
    }

    /** Applies the object, under the same name each time. */
    RunningImport apply() {
        DataVolume applied = namespace.apply(Manifests.http("disk", url, storageClass, "Filesystem", DISK_BYTES));
        running = RunningImport.of(namespace, applied, source, images.expected(image, DISK_BYTES));
        return running;
    }

    void holdSource() {
        source.faults(Gate.halfWay(IMAGE_BYTES));
    }

    void awaitHeldSource() {
        await("source is held half-way")
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Gate.POLL)
                .until(() -> source.stats().held() > 0);
    }

    void askForRetry() {
        namespace.dataVolume("disk").edit(volume -> {
            if (volume.getMetadata().getAnnotations() == null) {
                volume.getMetadata().setAnnotations(new java.util.HashMap<>());
            }
            volume.getMetadata()
                    .getAnnotations()
                    .put("dvflow.io/retry", UUID.randomUUID().toString());
            return volume;
        });
    }

    void startReader() {
        if (!readerStarted) {
            volume().startReader(
                            images.directory(), running.expected().getFileName().toString());
            readerStarted = true;
        }
    }

    void awaitRightBytes() {
        startReader();
        volume().awaitSame(DISK_BYTES);
    }

    List<Pod> transferPods() {
        return TestCluster.get()
                .kubernetes()
                .pods()
                .inNamespace(namespace.name())
                .withLabel("dvflow.io/datavolume-uid", running.uid())
                .list()
                .getItems();
    }

    void editTransferPod(UnaryOperator<Pod> change) {
        transferPods()
                .forEach(pod -> TestCluster.get()
                        .kubernetes()
                        .pods()
                        .inNamespace(namespace.name())
                        .withName(pod.getMetadata().getName())
                        .edit(change));
    }

    private Volume volume() {
        return new Volume(namespace.name(), "disk", false);
    }
}
