package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Credentials reach the source and nobody else: no payload, log, environment, event or status holds them. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class SecretsStaySecretTest {

    private static final long DISK_BYTES = 32 << 20;

    @TempDir
    static Path directory;

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();

    @Test
    void nothingHoldsThem() {
        String user = "user-" + UUID.randomUUID();
        String password = "password-" + UUID.randomUUID();
        var images = new SourceImages(directory);
        Path image = images.make("qcow2", DISK_BYTES, 5);
        try (var namespace = new TestNamespace("secrets");
                var server = FaultServer.start(ServerOptions.defaults()
                        .bind(TestCluster.get().hostAddress(), 0)
                        .login(user, password))) {
            var source = server.add("/disk.qcow2", ResourceSpec.of(image));
            giveSecret(namespace, user, "not-" + password);
            namespace.apply(manifest(server.url("/disk.qcow2")));
            // The wrong password first: errors are where secrets leak.
            TestWaits.until("a refused login is reported", () -> {
                var status = namespace.dataVolume("disk").get().getStatus();
                return status != null && Serialization.asJson(status).contains("401");
            });
            Map<String, String> evidence = collect(namespace);
            giveSecret(namespace, user, password);
            Held.annotate(namespace, "dvflow.io/retry", "now");
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
            evidence.putAll(prefixed("after ", collect(namespace)));

            assertThat(source.stats().bodyBytes()).isPositive();
            evidence.forEach((where, text) -> assertThat(text)
                    .as(where)
                    .doesNotContain(user)
                    .doesNotContain(password)
                    .doesNotContain(base64(password))
                    .doesNotContain(base64(user + ":" + password))
                    .doesNotContain(base64(user + ":not-" + password)));
        }
    }

    private Map<String, String> collect(TestNamespace namespace) {
        Map<String, String> evidence = new LinkedHashMap<>();
        var volume = namespace.dataVolume("disk").get();
        evidence.put("DataVolume", Serialization.asJson(volume));
        evidence.put(
                "workflow history",
                TestCluster.get()
                        .temporal()
                        .fetchHistory(WorkflowIds.importOf(TestNamespace.refOf(volume)))
                        .toJson(true));
        evidence.put(
                "pending activities",
                TestCluster.get()
                        .temporal()
                        .newUntypedWorkflowStub(WorkflowIds.importOf(TestNamespace.refOf(volume)))
                        .describe()
                        .getRawDescription()
                        .toString());
        evidence.put(
                "events",
                Serialization.asJson(
                        kubernetes.v1().events().inNamespace(namespace.name()).list()));
        evidence.put(
                "claims",
                Serialization.asJson(kubernetes
                        .persistentVolumeClaims()
                        .inNamespace(namespace.name())
                        .list()));
        for (String in : new String[] {namespace.name(), TestCluster.SYSTEM_NAMESPACE}) {
            for (var pod : kubernetes.pods().inNamespace(in).list().getItems()) {
                String name = in + "/" + pod.getMetadata().getName();
                evidence.put("pod " + name, Serialization.asJson(pod));
                evidence.put(
                        "log of " + name,
                        kubernetes
                                .pods()
                                .inNamespace(in)
                                .withName(pod.getMetadata().getName())
                                .getLog());
            }
        }
        return evidence;
    }

    private void giveSecret(TestNamespace namespace, String user, String password) {
        kubernetes
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("login")
                        .withNamespace(namespace.name())
                        .endMetadata()
                        .addToStringData("accessKeyId", user)
                        .addToStringData("secretKey", password)
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    private static String manifest(String url) {
        return Manifests.http("disk", url + "\n      secretRef: login", "csi-immediate", "Filesystem", DISK_BYTES);
    }

    private static Map<String, String> prefixed(String prefix, Map<String, String> evidence) {
        Map<String, String> renamed = new LinkedHashMap<>();
        evidence.forEach((where, text) -> renamed.put(prefix + where, text));
        return renamed;
    }

    private static String base64(String text) {
        return Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
