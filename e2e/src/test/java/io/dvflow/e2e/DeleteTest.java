package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Deleting the object while its import stands at each step leaves nothing; its name may be used again at once. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class DeleteTest {

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

    /** @param recreate whether the object is applied again, under the same name, as soon as it is gone */
    record Row(Gate gate, boolean recreate) {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void nothingIsLeft(Row row) {
        try (var namespace = new TestNamespace("delete")) {
            Held held = new Held(namespace, images, server);
            row.gate().shut(held);
            RunningImport first = held.apply();
            row.gate().awaitHeld(held);

            try {
                namespace.dataVolume("disk").delete();
            } finally {
                openAfterDelete(row.gate(), held);
            }
            await("the deleted object is gone")
                    .atMost(TestNamespace.PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> namespace.dataVolume("disk").get() == null);
            if (row.recreate()) {
                held.storageClass = "csi-immediate";
                RunningImport second = held.apply();
                assertThat(second.uid()).isNotEqualTo(first.uid());
                namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
                held.awaitRightBytes();
                Leftovers.assertNone(namespace, second.ref());
            } else {
                Leftovers.assertNothingAtAll(namespace, first.ref());
            }
            System.out.printf("delete-row | %s | %s | nothing left%n", row.gate(), row.recreate() ? "re-created" : "-");
        }
    }

    /** What held the import is taken away, but nothing that would ask the deleted object for a retry. */
    private static void openAfterDelete(Gate gate, Held held) {
        switch (gate) {
            case PLAN, CONSUMER -> {}
            case CLAIM ->
                TestCluster.get()
                        .kubernetes()
                        .resourceQuotas()
                        .inNamespace(held.namespace.name())
                        .withName("no-claims")
                        .delete();
            case TRANSFER, HAND_OVER, FINISH -> gate.open(held);
        }
    }

    static List<Row> rows() {
        List<Row> all = new java.util.ArrayList<>();
        for (Gate gate : Gate.values()) {
            all.add(new Row(gate, false));
            all.add(new Row(gate, true));
        }
        return Sample.of("DVFLOW_KILL_ROWS", 4, all);
    }
}
