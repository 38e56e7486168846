package io.dvflow.e2e;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ServerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * SIGKILL for each part while the import stands at each step: it ends Succeeded with the right bytes, one claim, and
 * nothing left over. {@code DVFLOW_KILL_ROWS} says how many rows, picked by {@code DVFLOW_KILL_SEED}, or is a pattern of
 * rows ({@code victim=TEMPORAL, gate=PLAN}); {@code all} runs the whole table, and {@code bench/kill-table} writes it down.
 */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class KillTest {

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

    /** One row of the table. */
    record Row(Victim victim, Gate gate) {}

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void nothingIsLost(Row row) {
        try (var namespace = new TestNamespace("kill")) {
            Held held = new Held(namespace, images, server);
            row.gate().shut(held);
            RunningImport running = held.apply();
            row.gate().awaitHeld(held);

            String pids;
            try {
                pids = row.victim().kill(held);
            } finally {
                row.gate().open(held);
            }
            Instant killed = Instant.now();

            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            held.awaitRightBytes();
            Leftovers.assertNone(namespace, running.ref());
            row.gate().tidyUp(held);
            System.out.printf(
                    "kill-row | %s | %s | %s | Succeeded and compared after %d s | fetched %.1f MiB of %.1f%n",
                    row.victim(),
                    row.gate(),
                    pids,
                    Duration.between(killed, Instant.now()).toSeconds(),
                    held.source.passed() / 1048576.0,
                    Held.IMAGE_BYTES / 1048576.0);
        }
    }

    static List<Row> rows() {
        List<Row> all = new ArrayList<>();
        for (Victim victim : Victim.values()) {
            for (Gate gate : Gate.values()) {
                if (victim.canBeKilledAt(gate)) {
                    all.add(new Row(victim, gate));
                }
            }
        }
        return Sample.of("DVFLOW_KILL_ROWS", 4, all);
    }
}
