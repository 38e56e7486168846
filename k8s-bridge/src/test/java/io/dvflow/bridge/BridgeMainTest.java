package io.dvflow.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.dvflow.process.Lifetime;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.ExtendWith;

/** The bridge as the process that Kubernetes starts and ends; Temporal is away. */
@ExtendWith(KubeApiExtension.class)
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class BridgeMainTest {

    private static final Path CRDS = Path.of("../helm/dvflow/templates/crds");

    private final String namespace = "bridge-" + UUID.randomUUID().toString().substring(0, 8);
    private KubeApi api;
    private Process bridge;
    private BufferedReader output;

    @BeforeAll
    static void install(KubeApi api) {
        api.install(CRDS);
    }

    @BeforeEach
    void start(KubeApi server) throws IOException {
        api = server;
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        var program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BridgeMain.class.getName())
                .redirectErrorStream(true);
        program.environment()
                .putAll(Map.of(
                        "KUBECONFIG",
                        api.kubeconfig().toString(),
                        "DVFLOW_NAMESPACE",
                        namespace,
                        "DVFLOW_HEALTH_PORT",
                        "0",
                        "TEMPORAL_ADDRESS",
                        "127.0.0.1:1"));
        bridge = program.start();
        output = bridge.inputReader();
    }

    @AfterEach
    void leaveNothingBehind() {
        bridge.destroyForcibly();
    }

    @Test
    void toldToEndAtWorkItEndsWithZero() throws Exception {
        awaitLine("This bridge is the one at work");

        // Unlike Process.destroy(), this leaves the output open.
        bridge.toHandle().destroy();

        awaitLine("Shut down");
        assertThat(exitCode()).isZero();
    }

    @Test
    void whatCannotGoOnEndsAsFailedToBeStartedAnew() throws Exception {
        awaitLine("This bridge is the one at work");

        takeTheLease();

        awaitLine("it lost the lease to another bridge");
        awaitLine("Shut down");
        assertThat(exitCode()).isEqualTo(Lifetime.FAILED);
    }

    private void takeTheLease() {
        api.client()
                .leases()
                .inNamespace(namespace)
                .withName("dvflow-bridge")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"holderIdentity\":\"another\"}}");
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

    private int exitCode() throws InterruptedException {
        assertThat(bridge.waitFor(30, TimeUnit.SECONDS)).as("has ended").isTrue();
        return bridge.exitValue();
    }
}
