package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Fifty DataVolumes applied at once all succeed. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ManyAtOnceTest {

    private static final int COUNT = 50;
    private static final long DISK_BYTES = 8 << 20;

    @TempDir
    static Path directory;

    @Test
    void allSucceed() {
        var images = new SourceImages(directory);
        Path image = images.make("qcow2", DISK_BYTES, 3);
        try (var server = FaultServer.start(
                        ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
                var namespace = new TestNamespace("many")) {
            server.add("/disk.qcow2", ResourceSpec.of(image));
            Instant start = Instant.now();
            for (int i = 0; i < COUNT; i++) {
                namespace.apply(
                        Manifests.http("disk-" + i, server.url("/disk.qcow2"), "csi-immediate", "Block", DISK_BYTES));
            }

            await(COUNT + " DataVolumes succeed")
                    .atMost(Duration.ofMinutes(20))
                    .pollInterval(Duration.ofSeconds(2))
                    .until(() -> succeeded(namespace) == COUNT);
            System.out.printf(
                    "many-at-once | %d DataVolumes | %d s%n",
                    COUNT, Duration.between(start, Instant.now()).toSeconds());

            assertThat(TestCluster.get()
                            .kubernetes()
                            .persistentVolumeClaims()
                            .inNamespace(namespace.name())
                            .list()
                            .getItems())
                    .hasSize(COUNT)
                    .allMatch(claim -> claim.getStatus().getPhase().equals("Bound"));
            Path expected = images.expected(image, DISK_BYTES);
            for (int i : List.of(0, COUNT / 2, COUNT - 1)) {
                var volume = new Volume(namespace.name(), "disk-" + i, true);
                volume.startReader(directory, expected.getFileName().toString());
                volume.awaitSame(DISK_BYTES);
            }
        }
    }

    private static long succeeded(TestNamespace namespace) {
        return TestCluster.get()
                .kubernetes()
                .resources(DataVolume.class)
                .inNamespace(namespace.name())
                .list()
                .getItems()
                .stream()
                .filter(volume -> volume.getStatus() != null
                        && "Succeeded".equals(volume.getStatus().phase()))
                .count();
    }
}
