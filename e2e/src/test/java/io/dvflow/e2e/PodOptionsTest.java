package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** What users and administrators say about transfer pods, looked up on the pods that the API server has taken. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class PodOptionsTest {

    private static final long DISK_BYTES = 32 << 20;
    private static final String RETAIN = "cdi.kubevirt.io/storage.pod.retainAfterCompletion";

    @TempDir
    static Path directory;

    private static FaultServer server;

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();
    private final String unique = UUID.randomUUID().toString().substring(0, 6);

    @BeforeAll
    static void serveImages() {
        Path image = new SourceImages(directory).make("raw", DISK_BYTES, 8);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
        server.add("/disk", ResourceSpec.of(image));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @Test
    void everyOptionIsOnThePodAndThePodIsRetained() {
        String label = "dvflow.test/" + unique;
        Node node = kubernetes.nodes().list().getItems().getFirst();
        var priority = kubernetes.resource(new PriorityClassBuilder()
                .withNewMetadata()
                .withName("imports-" + unique)
                .endMetadata()
                .withValue(1000)
                .build());
        var namespace = new TestNamespace("options");
        kubernetes.nodes().withName(node.getMetadata().getName()).edit(seen -> {
            seen.getMetadata().getLabels().put(label, "fast");
            return seen;
        });
        priority.create();
        try (namespace;
                var _ = new Settings("""
                        {"workload": {"nodeSelector": {"%s": "fast"},
                                      "tolerations": [{"key": "disks", "operator": "Exists", "effect": "NoSchedule"}]},
                         "config": {"podResourceRequirements": {"requests": {"cpu": "30m"}, "limits": {"memory": "512M"}},
                                    "imagePullSecrets": [{"name": "registry-login"}],
                                    "preallocation": true}}
                        """.formatted(label), status -> Boolean.TRUE.equals(status.preallocation()))) {
            kubernetes
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withNamespace(namespace.name())
                            .withName("importer")
                            .endMetadata()
                            .build())
                    .create();
            namespace.apply(Manifests.http(
                            "disk",
                            server.url("/disk"),
                            "csi-immediate",
                            "Filesystem",
                            DISK_BYTES,
                            Map.of(
                                    RETAIN,
                                    "true",
                                    "sidecar.istio.io/inject",
                                    "false",
                                    "k8s.v1.cni.cncf.io/networks",
                                    "disks",
                                    "example.com/private",
                                    "stays"))
                    .replace(
                            "spec:\n",
                            "  labels: {team: web}\nspec:\n  priorityClassName: "
                                    + priority.get().getMetadata().getName() + "\n  serviceAccountName: importer\n"));
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);

            // The phase comes a moment after the news of the container.
            TestWaits.until(
                    "the retained pod has ended",
                    () -> "Succeeded".equals(retainedPod(namespace).getStatus().getPhase()));
            Pod pod = retainedPod(namespace);
            PodSpec spec = pod.getSpec();
            assertThat(spec.getNodeSelector()).isEqualTo(Map.of(label, "fast"));
            assertThat(spec.getTolerations()).extracting(Toleration::getKey).contains("disks");
            assertThat(spec.getPriorityClassName()).isEqualTo("imports-" + unique);
            assertThat(spec.getPriority()).isEqualTo(1000);
            assertThat(spec.getServiceAccountName()).isEqualTo("importer");
            assertThat(spec.getAutomountServiceAccountToken()).isFalse();
            assertThat(spec.getImagePullSecrets()).containsExactly(new LocalObjectReference("registry-login"));
            var resources = spec.getContainers().getFirst().getResources();
            assertThat(resources.getRequests()).containsEntry("cpu", new Quantity("30m"));
            assertThat(resources.getLimits()).containsEntry("memory", new Quantity("512M"));
            assertThat(pod.getMetadata().getLabels()).containsEntry("team", "web");
            assertThat(pod.getMetadata().getAnnotations())
                    .containsEntry("k8s.v1.cni.cncf.io/networks", "disks")
                    .containsEntry("sidecar.istio.io/inject", "false")
                    .doesNotContainKey("example.com/private");
            assertPreallocated(namespace);
            assertPrimeIsRetained(namespace);

            namespace.dataVolume("disk").delete();
            TestWaits.until(
                    "what was retained goes with the DataVolume",
                    () -> pods(namespace).isEmpty()
                            && kubernetes
                                    .persistentVolumeClaims()
                                    .inNamespace(namespace.name())
                                    .list()
                                    .getItems()
                                    .isEmpty());
        } finally {
            priority.delete();
            kubernetes.nodes().withName(node.getMetadata().getName()).edit(seen -> {
                seen.getMetadata().getLabels().remove(label);
                return seen;
            });
        }
    }

    @Test
    void aQuotaThatIsRaisedLetsTheSameDataVolumeSucceed() {
        try (var namespace = new TestNamespace("raised")) {
            namespace.quota("small", "limits.memory", "100M");
            DataVolume applied = namespace.apply(
                    Manifests.http("disk", server.url("/disk"), "csi-immediate", "Block", DISK_BYTES, Map.of()));
            TestWaits.until(
                    "the condition names the quota",
                    () -> namespace.dataVolume("disk").get().getStatus() != null
                            && namespace.dataVolume("disk").get().getStatus().conditions().stream()
                                    .anyMatch(condition -> "ErrExceededQuota".equals(condition.reason())
                                            && condition.message().contains("resource quota small")));

            kubernetes
                    .resourceQuotas()
                    .inNamespace(namespace.name())
                    .withName("small")
                    .edit(seen -> {
                        seen.getSpec().setHard(Map.of("limits.memory", new Quantity("4G")));
                        return seen;
                    });
            Held.annotate(namespace, "dvflow.io/retry", "now");

            DataVolume done = namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            assertThat(done.getMetadata().getUid())
                    .isEqualTo(applied.getMetadata().getUid());
        }
    }

    /** 128 MiB: of the rest, the transfer leaves 10. */
    @Test
    void twoHundredMibAreEnoughForTheLargestWindowThatZstdTakes() {
        var images = new SourceImages(directory);
        long bytes = 160 << 20;
        Path raw = directory.resolve("noise.raw");
        Path packed = directory.resolve("noise.raw.zst");
        TestCluster.Command.run(
                "bash",
                "-ec",
                "head -c " + bytes + " /dev/urandom > " + raw + "; cat " + raw + " | zstd -q -1 --long=27 > " + packed);
        server.add("/window", ResourceSpec.of(packed));
        try (var namespace = new TestNamespace("window");
                var _ = new Settings(
                        """
                        {"config": {"podResourceRequirements": {"limits": {"memory": "200Mi"}}}}
                        """,
                        status -> new Quantity("200Mi")
                                .equals(status.defaultPodResourceRequirements()
                                        .getLimits()
                                        .get("memory")))) {
            namespace.apply(
                    Manifests.http("disk", server.url("/window"), "csi-immediate", "Filesystem", bytes, Map.of()));
            DataVolume imported = namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);

            assertThat(imported.getStatus().restartCount())
                    .as("no pod was killed")
                    .isZero();
            var volume = new Volume(namespace.name(), "disk", false);
            volume.startReader(images.directory(), raw.getFileName().toString());
            volume.awaitSame(bytes);
        }
    }

    private void assertPreallocated(TestNamespace namespace) {
        var claim = kubernetes
                .persistentVolumeClaims()
                .inNamespace(namespace.name())
                .withName("disk")
                .get();
        assertThat(claim.getMetadata().getAnnotations())
                .containsEntry("cdi.kubevirt.io/storage.preallocation.requested", "true")
                .containsEntry("cdi.kubevirt.io/storage.preallocation", "true");
        assertThat(namespace.dataVolume("disk").get().getStatus().conditions())
                .anyMatch(condition -> "Import Complete, Preallocation applied".equals(condition.message()));
    }

    private void assertPrimeIsRetained(TestNamespace namespace) {
        assertThat(kubernetes
                        .persistentVolumeClaims()
                        .inNamespace(namespace.name())
                        .list()
                        .getItems())
                .extracting(claim -> claim.getMetadata().getName().replaceAll("-.*", ""))
                .containsExactlyInAnyOrder("disk", "prime");
        assertThat(kubernetes.v1().events().inNamespace(namespace.name()).list().getItems())
                .filteredOn(event -> event.getInvolvedObject().getKind().equals("PersistentVolumeClaim")
                        && event.getInvolvedObject().getName().equals("disk"))
                .extracting(Event::getReason)
                .contains("RetainedPVCPrime");
    }

    private Pod retainedPod(TestNamespace namespace) {
        List<Pod> pods = pods(namespace);
        assertThat(pods).hasSize(1);
        return pods.getFirst();
    }

    private List<Pod> pods(TestNamespace namespace) {
        return kubernetes.pods().inNamespace(namespace.name()).list().getItems();
    }
}
