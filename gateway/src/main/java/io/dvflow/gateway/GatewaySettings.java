package io.dvflow.gateway;

import io.dvflow.process.Setting;
import java.nio.file.Path;
import java.util.Map;

/**
 * What the environment says.
 *
 * @param tlsDirectory holds {@code tls.crt} and {@code tls.key}
 * @param port of the webhooks; 0 for any free one
 * @param healthPort of health and metrics
 */
record GatewaySettings(Path tlsDirectory, int port, int healthPort) {
    private static final Setting<String> TLS_DIRECTORY =
            Setting.text("DVFLOW_TLS_DIR", "/etc/dvflow/tls", "the directory with tls.crt and tls.key, both PEM");
    private static final Setting<Integer> PORT = Setting.port("DVFLOW_PORT", 8443, "the port of the webhooks");
    private static final Setting<Integer> HEALTH_PORT =
            Setting.port("DVFLOW_HEALTH_PORT", 8080, "the port of health and metrics");

    static GatewaySettings from(Map<String, String> environment) {
        return new GatewaySettings(
                Path.of(TLS_DIRECTORY.from(environment)), PORT.from(environment), HEALTH_PORT.from(environment));
    }
}
