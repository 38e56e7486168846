package io.dvflow.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HealthServerTest {

    @Test
    void answersReadinessAsTheProcessSaysAndStaysAliveMeanwhile() throws Exception {
        var missing = new AtomicReference<>("Temporal cannot be reached");
        try (var server = HealthServer.start(0, HealthServer.newRegistry(), missing::get)) {
            assertThat(get(server, "/readyz").statusCode()).isEqualTo(503);
            assertThat(get(server, "/readyz").body()).contains("Temporal cannot be reached");
            assertThat(get(server, "/livez").statusCode()).isEqualTo(200);

            missing.set("");

            assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void showsTheJvmsFiguresAndTheProcessOwn() throws Exception {
        var registry = HealthServer.newRegistry();
        registry.counter("dvflow.things").increment();
        try (var server = HealthServer.start(0, registry, () -> "")) {
            assertThat(get(server, "/metrics").body()).contains("dvflow_things_total 1.0", "jvm_memory_used_bytes");
        }
    }

    private static HttpResponse<String> get(HealthServer server, String path) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
