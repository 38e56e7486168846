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
import org.junit.jupiter.params.provider.ValueSource;

/** An archive becomes the tree that it was made from: names, modes, times, links and contents, for the user that QEMU has. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ArchiveTest {

    private static final long REQUESTED = 64 << 20;

    @TempDir
    static Path directory;

    private static ArchivedTree tree;
    private static FaultServer server;

    @BeforeAll
    static void serveArchive() {
        tree = new ArchivedTree(directory);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
        // Told by its bytes: the name says something else.
        server.add("/tree.img", ResourceSpec.of(tree.archive()));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"csi-immediate", "local-immediate"})
    void isUnpackedIntoTheClaim(String storageClass) {
        try (var namespace = new TestNamespace("archive")) {
            namespace.apply(Manifests.archive("tree", server.url("/tree.img"), storageClass, REQUESTED));
            namespace.awaitPhase("tree", DataVolumePhase.SUCCEEDED);

            var volume = new Volume(namespace.name(), "tree", false);
            volume.startTreeReader(tree);
            volume.awaitSameTree();
            var imported = namespace.dataVolume("tree").get();
            assertThat(imported.getStatus().progress()).isEqualTo("100.0%");
            Leftovers.assertNone(namespace, TestNamespace.refOf(imported));
        }
    }
}
