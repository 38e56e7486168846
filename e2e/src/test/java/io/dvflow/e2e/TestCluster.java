package io.dvflow.e2e;

import io.dvflow.temporal.TemporalConnection;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.temporal.client.WorkflowClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The cluster under test and what surrounds it, found through the environment. One for all tests of a run. */
final class TestCluster {

    static final String SYSTEM_NAMESPACE = environment("DVFLOW_SYSTEM_NAMESPACE", "cdi");

    private static final TestCluster INSTANCE = new TestCluster();

    private final KubernetesClient kubernetes =
            new KubernetesClientBuilder().withConfig(Config.autoConfigure(null)).build();
    private final TemporalConnection temporal = TemporalConnection.open(temporalEnvironment(), "e2e");

    private TestCluster() {}

    static TestCluster get() {
        return INSTANCE;
    }

    KubernetesClient kubernetes() {
        return kubernetes;
    }

    WorkflowClient temporal() {
        return temporal.client();
    }

    /** Address of this machine as pods see it. */
    String hostAddress() {
        return required("DVFLOW_HOST_IP");
    }

    /** Where the testbed keeps the audit log and the logs of its components. */
    Path stateDirectory() {
        return Path.of(required("DVFLOW_STATE"));
    }

    /** Image of transfer pods; it holds {@code cmp} and {@code stat} too. */
    String transferImage() {
        return kubernetes
                .apps()
                .deployments()
                .inNamespace(SYSTEM_NAMESPACE)
                .withName("dvflow-worker")
                .get()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv()
                .stream()
                .filter(variable -> variable.getName().equals("DVFLOW_TRANSFER_IMAGE"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "Deployment " + SYSTEM_NAMESPACE + "/dvflow-worker has no DVFLOW_TRANSFER_IMAGE"))
                .getValue();
    }

    /** Runs the testbed's own command, as in {@code testbed kill kubelet}. */
    String testbed(String... arguments) {
        return Command.run(Stream.concat(Stream.of(required("DVFLOW_TESTBED").split(" ")), Stream.of(arguments))
                .toList());
    }

    private static Map<String, String> temporalEnvironment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putIfAbsent("TEMPORAL_ADDRESS", required("DVFLOW_NODE_IP") + ":30733");
        return environment;
    }

    private static String required(String variable) {
        String value = System.getenv(variable);
        if (value == null) {
            throw new IllegalStateException(
                    variable + " is not set; `./test.sh` sets it, and `testbed/testbed env` prints" + " what it knows");
        }
        return value;
    }

    private static String environment(String variable, String fallback) {
        return System.getenv().getOrDefault(variable, fallback);
    }

    /** Runs programs of this machine. */
    static final class Command {

        private Command() {}

        static String run(String... command) {
            return run(List.of(command));
        }

        static String run(List<String> command) {
            try {
                Process process =
                        new ProcessBuilder(command).redirectErrorStream(true).start();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                int exit = process.waitFor();
                if (exit != 0) {
                    throw new IllegalStateException(String.join(" ", command) + " ended with " + exit + ":\n" + output);
                }
                return output;
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot run " + command, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while running " + command, e);
            }
        }
    }
}
