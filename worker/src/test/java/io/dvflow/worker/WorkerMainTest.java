package io.dvflow.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dvflow.testbed.processes.FreePort;
import io.temporal.testing.TemporalDevServer;
import io.temporal.testing.TemporalDevServerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The worker as the process that Kubernetes starts and ends. */
@Timeout(value = 90, threadMode = ThreadMode.SEPARATE_THREAD)
class WorkerMainTest {

    private Process worker;
    private BufferedReader output;

    @AfterEach
    void leaveNothingBehind() {
        if (worker != null) {
            worker.destroyForcibly();
        }
    }

    @Test
    void toldToEndAtWorkItEndsWithZero() throws Exception {
        try (TemporalDevServer temporal = startTemporal()) {
            start(temporal.getTarget());
            awaitLine("Working for Temporal at " + temporal.getTarget());

            tellToEnd();

            awaitLine("Shut down");
            assertThat(exitCode()).isZero();
        }
    }

    @Test
    void toldToEndWhileTemporalIsAwayItEndsWithZero() throws Exception {
        start("127.0.0.1:1");
        awaitLine("no work without Temporal at 127.0.0.1:1: no connection to it");

        tellToEnd();

        awaitLine("Shut down");
        assertThat(exitCode()).isZero();
    }

    private static TemporalDevServer startTemporal() {
        String binaries = System.getenv("DVFLOW_BIN");
        if (binaries == null) {
            if ("1".equals(System.getenv("DVFLOW_REQUIRE_REAL"))) {
                throw new IllegalStateException(
                        "DVFLOW_REQUIRE_REAL=1, but DVFLOW_BIN names no directory with temporal");
            }
            abort("DVFLOW_BIN names no directory with the temporal binary; `testbed/testbed binaries temporal` makes"
                    + " one");
        }
        return TemporalDevServer.start(
                "default",
                TemporalDevServerOptions.newBuilder()
                        .setExistingPath(Path.of(binaries, "temporal").toString())
                        .setDownloadEnabled(false)
                        .setPort(FreePort.next())
                        .setUiEnabled(false)
                        .build());
    }

    private void start(String temporal) throws IOException {
        var program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        WorkerMain.class.getName())
                .redirectErrorStream(true);
        program.environment()
                .putAll(Map.of(
                        "TEMPORAL_ADDRESS",
                        temporal,
                        "DVFLOW_TRANSFER_IMAGE",
                        "dvflow/transfer:test",
                        "DVFLOW_HEALTH_PORT",
                        "0",
                        // No cluster of whoever runs the tests.
                        "KUBECONFIG",
                        "/nonexistent"));
        worker = program.start();
        output = worker.inputReader();
    }

    private void awaitLine(String wanted) throws IOException {
        List<String> before = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.contains(wanted)) {
                return;
            }
            before.add(line);
        }
        fail("No line \"" + wanted + "\" in\n" + String.join("\n", before));
    }

    /** As the kubelet does, and unlike {@link Process#destroy()}, which also closes the output. */
    private void tellToEnd() {
        worker.toHandle().destroy();
    }

    private int exitCode() throws InterruptedException {
        assertThat(worker.waitFor(45, TimeUnit.SECONDS)).as("has ended").isTrue();
        return worker.exitValue();
    }
}
