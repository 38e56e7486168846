package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.fabric8.kubernetes.api.model.Event;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A qcow2 image from a server without ranges: it can only be read where it has been kept. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ScratchSpaceTest {

    private static final long IMAGE_BYTES = 24 << 20;
    private static final long DISK_BYTES = 48 << 20;

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static FaultServer server;
    private static Path image;

    @BeforeAll
    static void serveImages() {
        images = new SourceImages(directory);
        image = images.make("qcow2", IMAGE_BYTES, 5);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
        server.add("/disk", ResourceSpec.of(image).withoutRanges());
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"csi-immediate, Filesystem", "csi-immediate, Block", "local-immediate, Filesystem"})
    void isMadeWhenItIsNeededAndGoesWithTheImport(String storageClass, String volumeMode) {
        try (var namespace = new TestNamespace("scratch")) {
            namespace.apply(Manifests.http("disk", server.url("/disk"), storageClass, volumeMode, DISK_BYTES));

            var imported = namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);

            assertThat(imported.getStatus().restartCount()).as("no failure").isZero();
            assertThat(TestCluster.get()
                            .kubernetes()
                            .v1()
                            .events()
                            .inNamespace(namespace.name())
                            .list()
                            .getItems())
                    .filteredOn(event ->
                            "DataVolume".equals(event.getInvolvedObject().getKind()))
                    .filteredOn(event -> "CreatingScratchSpace".equals(event.getReason()))
                    .extracting(Event::getType)
                    .containsExactly("Normal");
            Leftovers.assertNone(namespace, TestNamespace.refOf(imported));
            var volume = new Volume(namespace.name(), "disk", volumeMode.equals("Block"));
            volume.startReader(
                    directory, images.expected(image, DISK_BYTES).getFileName().toString());
            volume.awaitSame(DISK_BYTES);
        }
    }
}
