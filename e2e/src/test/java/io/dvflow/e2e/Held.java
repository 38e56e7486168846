package io.dvflow.e2e;

import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.testbed.http.FaultServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** An import that a {@link Gate} holds, with all that the gate needs to hold it and let it go. */
final class Held {

    static final long IMAGE_BYTES = 24 << 20;
    static final long DISK_BYTES = 32 << 20;
    static final long SEED = 7;

    final TestNamespace namespace;
    final Tap source;
    final long imageLength;
    private final SourceImages images;
    private final Path expected;
    /** As it stands in the object. */
    private final String manifestSource;

    private final List<HasMetadata> alongside;
    private final String volumeMode;
    private final long diskBytes;
    String storageClass = "csi-immediate";
    RunningImport running;
    private boolean readerStarted;

    Held(TestNamespace namespace, SourceImages images, FaultServer server) {
        this(namespace, images, server, "qcow2");
    }

    Held(TestNamespace namespace, SourceImages images, FaultServer server, String format) {
        this(
                namespace,
                images,
                Served.at(server, images.make(format, IMAGE_BYTES, SEED)),
                images.expected(format, IMAGE_BYTES, SEED, DISK_BYTES),
                "Filesystem");
    }

    /**
     * @param expected what the whole volume has to hold in the end
     */
    Held(TestNamespace namespace, SourceImages images, Served served, Path expected, String volumeMode) {
        this.namespace = namespace;
        this.images = images;
        this.expected = expected;
        this.volumeMode = volumeMode;
        this.diskBytes = expected.toFile().length();
        this.source = served.tap();
        this.imageLength = served.length();
        this.manifestSource = served.manifestSource();
        this.alongside = served.alongside();
    }

    /** Applies the object, under the same name each time. */
    RunningImport apply() {
        return apply(Map.of());
    }

    RunningImport apply(Map<String, String> annotations) {
        namespace.applyThese(alongside);
        DataVolume applied =
                namespace.apply(Manifests.of("disk", manifestSource, storageClass, volumeMode, diskBytes, annotations));
        running = RunningImport.of(namespace, applied, expected);
        return running;
    }

    /** Nothing of the import is left but its claim. */
    void assertNothingLeft() {
        String[] usersOwn = alongside.stream()
                .map(object -> object.getKind() + "/" + object.getMetadata().getName())
                .toArray(String[]::new);
        Leftovers.assertNone(namespace, running.ref(), usersOwn);
    }

    void holdSource() {
        source.holdAfter(IMAGE_BYTES / 2);
    }

    void awaitHeldSource() {
        await("source is held half-way")
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Gate.POLL)
                .until(() -> source.held() > 0);
    }

    void askForRetry() {
        annotate(namespace, "dvflow.io/retry", UUID.randomUUID().toString());
    }

    void annotate(String key, String value) {
        annotate(namespace, key, value);
    }

    void removeAnnotation(String key) {
        patchAnnotation(namespace, key, "null");
    }

    /** As {@code kubectl annotate --overwrite} does it. */
    static void annotate(TestNamespace namespace, String key, String value) {
        patchAnnotation(namespace, key, "\"" + value + "\"");
    }

    private static void patchAnnotation(TestNamespace namespace, String key, String json) {
        namespace
                .dataVolume("disk")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"annotations\":{\"" + key + "\":" + json + "}}}");
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
        volume().awaitSame(diskBytes);
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

    /** A merge patch, which does not mind what else changes on the pod meanwhile. */
    void patchTransferPod(String patch) {
        transferPods()
                .forEach(pod -> TestCluster.get()
                        .kubernetes()
                        .pods()
                        .inNamespace(namespace.name())
                        .withName(pod.getMetadata().getName())
                        .patch(PatchContext.of(PatchType.JSON_MERGE), patch));
    }

    private Volume volume() {
        return new Volume(namespace.name(), "disk", volumeMode.equals("Block"));
    }
}
