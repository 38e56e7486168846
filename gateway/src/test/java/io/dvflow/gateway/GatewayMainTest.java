package io.dvflow.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.dvflow.gateway.tls.TestKeys;
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
import org.junit.jupiter.api.io.TempDir;

/** The gateway as the process that Kubernetes starts and ends. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class GatewayMainTest {

    @TempDir
    private Path directory;

    private Process gateway;
    private BufferedReader output;

    @AfterEach
    void leaveNothingBehind() {
        if (gateway != null) {
            gateway.destroyForcibly();
        }
    }

    @Test
    void toldToEndItEndsWithZero() throws Exception {
        TestKeys.make(directory, "EC").writeTo(directory);
        start();
        awaitLine("Answering admission requests");

        // Unlike Process.destroy(), this leaves the output open.
        gateway.toHandle().destroy();

        awaitLine("Shut down");
        assertThat(gateway.waitFor(30, TimeUnit.SECONDS)).as("has ended").isTrue();
        assertThat(gateway.exitValue()).isZero();
    }

    private void start() throws IOException {
        var program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        GatewayMain.class.getName())
                .redirectErrorStream(true);
        program.environment()
                .putAll(Map.of(
                        "DVFLOW_TLS_DIR", directory.toString(),
                        "DVFLOW_PORT", "0",
                        "DVFLOW_HEALTH_PORT", "0",
                        // No cluster of whoever runs the tests.
                        "KUBECONFIG", "/nonexistent"));
        gateway = program.start();
        output = gateway.inputReader();
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
}
