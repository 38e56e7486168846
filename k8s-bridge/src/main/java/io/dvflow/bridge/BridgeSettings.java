package io.dvflow.bridge;

import io.dvflow.process.Setting;
import java.util.Map;

/**
 * What the bridge reads from its environment, beside the {@code TEMPORAL_*} variables that every process of dvflow and
 * the {@code temporal} command share, and the usual ones for reaching the API server.
 *
 * @param namespace where dvflow is installed, and the bridge's lease is
 * @param healthPort of {@code /livez}, {@code /readyz} and {@code /metrics}
 * @param identity of this process among the bridges: the pod's name
 */
record BridgeSettings(String namespace, int healthPort, String identity) {

    private static final Setting<String> NAMESPACE =
            Setting.text("DVFLOW_NAMESPACE", "cdi", "the namespace dvflow is installed in");
    private static final Setting<Integer> HEALTH_PORT =
            Setting.port("DVFLOW_HEALTH_PORT", 8080, "the port of health and metrics");
    private static final Setting<String> IDENTITY =
            Setting.text("HOSTNAME", "dvflow-bridge", "the name of this pod; Kubernetes sets it");

    /** @throws IllegalArgumentException naming the variable that is wrong */
    static BridgeSettings from(Map<String, String> environment) {
        return new BridgeSettings(
                NAMESPACE.from(environment), HEALTH_PORT.from(environment), IDENTITY.from(environment));
    }
}
