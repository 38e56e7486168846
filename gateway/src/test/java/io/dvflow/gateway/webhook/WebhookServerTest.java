package io.dvflow.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.gateway.admission.Verdict;
import io.dvflow.gateway.tls.ReloadingKeyManager;
import io.dvflow.gateway.tls.TestKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WebhookServerTest {
    private static final String REVIEW = """
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"42","operation":"CREATE",\
            "namespace":"default","name":"disk",\
            "kind":{"group":"cdi.kubevirt.io","version":"v1beta1","kind":"DataVolume"}}}
            """;

    @TempDir
    private static Path directory;

    private static WebhookServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        TestKeys keys = TestKeys.make(directory, "EC");
        keys.writeTo(directory);
        server = WebhookServer.start(
                0,
                ReloadingKeyManager.watching(directory),
                Map.of(
                        "/allow", new AdmissionHandler(_ -> Verdict.allowed()),
                        "/refuse", new AdmissionHandler(_ -> Verdict.invalid("no")),
                        "/fail",
                                new AdmissionHandler(_ -> {
                                    throw new IllegalStateException("the API server does not answer");
                                })));
        client = HttpClient.newBuilder().sslContext(trusting(keys)).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void answersWithTheUidOfTheRequest() throws Exception {
        HttpResponse<String> answer = post("/allow", REVIEW);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("\"kind\":\"AdmissionReview\"", "\"apiVersion\":\"admission.k8s.io/v1\"")
                .contains("\"uid\":\"42\"", "\"allowed\":true");
    }

    @Test
    void givesTheReasonOfARefusal() throws Exception {
        assertThat(post("/refuse", REVIEW).body()).contains("\"allowed\":false", "\"code\":422", "\"message\":\"no\"");
    }

    @Test
    void refusesWhatItCannotDecide() throws Exception {
        assertThat(post("/fail", REVIEW).body())
                .contains("\"allowed\":false", "\"code\":500", "the API server does not answer");
    }

    @Test
    void saysWhatItExpects() throws Exception {
        assertThat(post("/allow", "no JSON").statusCode()).isEqualTo(400);
        assertThat(post("/allow", "{}").statusCode()).isEqualTo(400);
        assertThat(get("/allow").statusCode()).isEqualTo(405);
        assertThat(post("/allow", "x".repeat((8 << 20) + 1)).statusCode()).isEqualTo(413);
        assertThat(get("/elsewhere").statusCode()).isEqualTo(404);
    }

    @Test
    void isHealthy() throws Exception {
        assertThat(get("/healthz").body()).isEqualTo("ok\n");
        assertThat(get("/readyz").body()).isEqualTo("ok\n");
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("https://127.0.0.1:" + server.port() + path);
    }

    private static SSLContext trusting(TestKeys keys) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("gateway", keys.certificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
