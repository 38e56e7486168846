package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Annotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks in container images, pulled by the transfer pod or by the node; in namespaces that allow nothing but the least. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class RegistryTest {

    private static final long IMAGE_BYTES = (24 << 20) + 512;
    private static final long DISK_BYTES = 32 << 20;

    @TempDir
    static Path directory;

    /** Of CDI's wait for the file server in a pulled image. */
    private static final Duration CDIS_LIMIT = Duration.ofSeconds(60);

    private static SourceImages images;
    private static ImageRegistry registry;

    @BeforeAll
    static void serve() {
        images = new SourceImages(directory);
        registry = ImageRegistry.insecure(directory);
    }

    @AfterAll
    static void stopServing() {
        if (registry != null) {
            registry.close();
        }
    }

    @ParameterizedTest(name = "{0} pulled by {1} into {2}")
    @CsvSource({
        "raw, pod, Filesystem",
        "raw, pod, Block",
        "qcow2, pod, Filesystem",
        "qcow2, pod, Block",
        "qcow2, node, Filesystem",
        "qcow2, node, Block",
        "raw, node, Filesystem",
    })
    void rightToTheLastByte(String format, String pullMethod, String volumeMode) {
        Path image = images.make(format, IMAGE_BYTES, 4);
        registry.push(
                "disks/" + format + ":v1", image, "INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=linux", "PATH=/bin");
        try (var namespace = restricted()) {
            namespace.apply(dataVolume("disks/" + format + ":v1", pullMethod, volumeMode));
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);

            var volume = new Volume(namespace.name(), "disk", volumeMode.equals("Block"));
            allowEverythingIn(namespace);
            volume.startReader(
                    directory, images.expected(image, DISK_BYTES).getFileName().toString());
            volume.awaitSame(DISK_BYTES);
            assertThat(TestCluster.get()
                            .kubernetes()
                            .persistentVolumeClaims()
                            .inNamespace(namespace.name())
                            .withName("disk")
                            .get()
                            .getMetadata()
                            .getLabels())
                    .containsEntry("instancetype.kubevirt.io/default-preference", "linux");
            Leftovers.assertNone(
                    namespace, TestNamespace.refOf(namespace.dataVolume("disk").get()));
        }
    }

    @Test
    void thePullMayTakeAsLongAsItTakes() {
        Path image = images.make("raw", IMAGE_BYTES, 5);
        Resource layer = registry.push("disks/slow:v1", image);
        layer.faults(Fault.of(Fault.Kind.GATE).afterBytes(100_000));
        try (var namespace = restricted()) {
            namespace.apply(dataVolume("disks/slow:v1", "node", "Filesystem"));
            TestWaits.until("the node pulls", () -> layer.stats().held() > 0);
            Instant pulling = Instant.now();
            TestWaits.until(
                    "that the pod does not run yet is shown",
                    () -> namespace.phaseOf("disk").equals(Optional.of("ImportScheduled")));
            TestWaits.until(
                    "it takes longer than the minute after which CDI fails",
                    () -> Duration.between(pulling, Instant.now()).compareTo(CDIS_LIMIT) > 0);

            layer.faults();

            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            assertThat(namespace.dataVolume("disk").get().getStatus().restartCount())
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pod", "node"})
    void aChecksumCountsWhoeverPulls(String pullMethod) {
        registry.push("disks/checked:v1", images.make("raw", IMAGE_BYTES, 9));
        String wrong = Annotations.STORAGE_IMPORT_CHECKSUM + ": sha256:" + "0".repeat(64);
        try (var namespace = restricted()) {
            namespace.apply(dataVolume("disks/checked:v1", pullMethod, "Filesystem")
                    .replace("  name: disk\n", "  name: disk\n  annotations:\n    " + wrong + "\n"));

            namespace.awaitPhase("disk", DataVolumePhase.FAILED);
            assertThat(namespace.dataVolume("disk").get().getStatus().conditions())
                    .anySatisfy(condition -> assertThat(condition.reason()).isEqualTo(Reasons.CHECKSUM_ERROR));
        }
    }

    @Test
    void anImageThatCannotBePulledIsSaidWhoeverPulls() {
        for (String pullMethod : new String[] {"pod", "node"}) {
            try (var namespace = restricted()) {
                namespace.apply(dataVolume("disks/none:v1", pullMethod, "Filesystem"));
                TestWaits.until("a pull by " + pullMethod + " fails", () -> {
                    var status = namespace.dataVolume("disk").get().getStatus();
                    return status != null
                            && status.conditions().stream()
                                    .anyMatch(condition -> condition.type().equals("Running")
                                            && condition.reason().equals("ImagePullFailed")
                                            && condition.message().contains("failed to pull image: ")
                                            && condition.message().contains("disks/none:v1"));
                });
            }
        }
    }

    @Test
    void anImageWithTwoFilesIsRefusedByTheNodesWayToo() {
        Path image = images.make("raw", IMAGE_BYTES, 6);
        registry.push("disks/two:v1", image);
        // The second push adds to the same directory.
        registry.push("disks/two:v1", images.make("qcow2", IMAGE_BYTES, 6));
        try (var namespace = restricted()) {
            namespace.apply(dataVolume("disks/two:v1", "node", "Filesystem"));
            TestWaits.until("it says what is wrong", () -> {
                var status = namespace.dataVolume("disk").get().getStatus();
                return status != null
                        && status.conditions().stream()
                                .anyMatch(condition -> condition.message() != null
                                        && condition.message().contains("exactly one file below /disk, found 2"));
            });
        }
    }

    private static String dataVolume(String image, String pullMethod, String volumeMode) {
        return """
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata:
                  name: disk
                spec:
                  source:
                    registry:
                      url: docker://%s/%s
                      pullMethod: %s
                  storage:
                    accessModes: [ReadWriteOnce]
                    volumeMode: %s
                    storageClassName: csi-immediate
                    resources:
                      requests:
                        storage: "%d"
                """.formatted(registry.authority(), image, pullMethod, volumeMode, DISK_BYTES);
    }

    private static TestNamespace restricted() {
        TestNamespace namespace = new TestNamespace("registry");
        label(namespace, "\"restricted\"");
        return namespace;
    }

    /** The reader of the result mounts a directory of this machine. */
    private static void allowEverythingIn(TestNamespace namespace) {
        label(namespace, "\"privileged\"");
    }

    private static void label(TestNamespace namespace, String level) {
        TestCluster.get()
                .kubernetes()
                .namespaces()
                .withName(namespace.name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"labels\":{\"pod-security.kubernetes.io/enforce\":" + level + "}}}");
    }
}
