package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every kind of disk ends right to the last byte, on every kind of claim. Block volumes come full of 0xAA. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ImportMatrixTest {

    private static final long IMAGE_BYTES = (48 << 20) + 512;
    private static final long DISK_BYTES = 64 << 20;

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static FaultServer server;

    @BeforeAll
    static void serveImages() {
        images = new SourceImages(directory);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @ParameterizedTest(name = "{0} into {1} of {2}")
    @CsvSource({
        "raw, Filesystem, csi-immediate",
        "raw, Filesystem, csi-wffc",
        "raw, Block, csi-immediate",
        "raw, Block, csi-wffc",
        "qcow2, Filesystem, csi-immediate",
        "qcow2, Filesystem, csi-wffc",
        "qcow2, Block, csi-immediate",
        "qcow2, Block, csi-wffc",
        "blank, Filesystem, csi-immediate",
        "blank, Filesystem, csi-wffc",
        "blank, Block, csi-immediate",
        "blank, Block, csi-wffc",
        "qcow2, Filesystem, local-immediate",
        "raw, Filesystem, local-wffc",
    })
    void rightToTheLastByte(String format, String volumeMode, String storageClass) {
        boolean block = volumeMode.equals("Block");
        try (var namespace = new TestNamespace("matrix")) {
            var volume = new Volume(namespace.name(), "disk", block);
            Path expected = applyAndExpect(namespace, format, volumeMode, storageClass);
            if (storageClass.equals("csi-wffc")) {
                // The reader is the first consumer; until it comes nothing may be provisioned.
                namespace.awaitPhase("disk", DataVolumePhase.PENDING_POPULATION);
                volume.startReader(directory, expected.getFileName().toString());
            }
            if (storageClass.equals("local-wffc")) {
                namespace.awaitPhase("disk", DataVolumePhase.WAIT_FOR_FIRST_CONSUMER);
                volume.startFirstConsumer(directory);
            }
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            if (!storageClass.equals("csi-wffc")) {
                volume.startReader(directory, expected.getFileName().toString());
            }
            volume.awaitSame(DISK_BYTES);

            var imported = namespace.dataVolume("disk").get();
            assertThat(imported.getStatus().progress()).isEqualTo("100.0%");
            assertThat(imported.getStatus().claimName()).isEqualTo("disk");
            Leftovers.assertNone(namespace, TestNamespace.refOf(imported));
        }
    }

    private static Path applyAndExpect(TestNamespace namespace, String format, String volumeMode, String storageClass) {
        if (format.equals("blank")) {
            namespace.apply(Manifests.blank("disk", storageClass, volumeMode, DISK_BYTES));
            return images.expectedBlank(DISK_BYTES);
        }
        Path image = images.make(format, IMAGE_BYTES, 1);
        String path = "/" + image.getFileName();
        server.add(path, ResourceSpec.of(image));
        namespace.apply(Manifests.http("disk", server.url(path), storageClass, volumeMode, DISK_BYTES));
        return images.expected(image, DISK_BYTES);
    }
}
