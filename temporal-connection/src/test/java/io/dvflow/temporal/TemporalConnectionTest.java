package io.dvflow.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TemporalConnectionTest {

    @Test
    void takesAddressAndNamespaceFromTheStandardVariablesAndOpensWithoutAServer() {
        var environment = Map.of("TEMPORAL_ADDRESS", "127.0.0.1:1", "TEMPORAL_NAMESPACE", "disks");

        try (var connection = TemporalConnection.open(environment, "test")) {
            assertThat(connection.address()).isEqualTo("127.0.0.1:1");
            assertThat(connection.namespace()).isEqualTo("disks");
        }
    }

    @Test
    void anApiKeyTurnsTlsOn() {
        var environment = Map.of("TEMPORAL_ADDRESS", "127.0.0.1:1", "TEMPORAL_API_KEY", "key");

        try (var connection = TemporalConnection.open(environment, "test")) {
            assertThat(connection.stubs().getOptions().getEnableHttps()).isTrue();
        }
    }
}
