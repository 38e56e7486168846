package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong is said on the object, with the name of what it is about, and is over when that is mended. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class TroubleTest {

    private static final long IMAGE_BYTES = 8 << 20;
    private static final long DISK_BYTES = 16 << 20;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path image;

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();

    @BeforeAll
    static void serveImages() {
        image = new SourceImages(directory).make("raw", IMAGE_BYTES, 3);
        server = FaultServer.start(ServerOptions.defaults()
                .bind(TestCluster.get().hostAddress(), 0)
                .login("me", "right"));
        server.add("/disk", ResourceSpec.of(image));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @Test
    void aSecretThatIsMissingOrWrongIsNamed() {
        try (var namespace = new TestNamespace("login")) {
            namespace.apply(dataVolume("Filesystem", DISK_BYTES));
            awaitRunning(namespace, "FailedMount", "Secret " + namespace.name() + "/login does not exist");

            Secret wrong = login("wrong");
            kubernetes.secrets().inNamespace(namespace.name()).resource(wrong).create();
            awaitRunning(namespace, "Error", "401", "secret " + namespace.name() + "/login");

            kubernetes
                    .secrets()
                    .inNamespace(namespace.name())
                    .resource(login("right"))
                    .update();
            Held.annotate(namespace, "dvflow.io/retry", "now");
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
        }
    }

    @Test
    void aQuotaThatIsFullIsNamedAndGivesWay() {
        try (var namespace = new TestNamespace("quota")) {
            kubernetes
                    .secrets()
                    .inNamespace(namespace.name())
                    .resource(login("right"))
                    .create();
            var quota = kubernetes.resource(new ResourceQuotaBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace.name())
                    .withName("no-pods")
                    .endMetadata()
                    .withNewSpec()
                    .addToHard("pods", new Quantity("0"))
                    .endSpec()
                    .build());
            quota.create();
            TestWaits.until(
                    "the quota counts",
                    () -> quota.get().getStatus() != null
                            && quota.get().getStatus().getHard() != null);

            namespace.apply(dataVolume("Filesystem", DISK_BYTES));
            awaitRunning(namespace, "ErrExceededQuota", "exceeded quota", "resource quota no-pods");

            quota.delete();
            Held.annotate(namespace, "dvflow.io/retry", "now");
            namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);
        }
    }

    @Test
    void anImageThatDoesNotFitIsSaidWithBothNumbers() {
        try (var namespace = new TestNamespace("small")) {
            kubernetes
                    .secrets()
                    .inNamespace(namespace.name())
                    .resource(login("right"))
                    .create();
            namespace.apply(dataVolume("Block", IMAGE_BYTES / 2));

            awaitRunning(
                    namespace,
                    "Error",
                    "DataVolume too small to contain image",
                    Long.toString(IMAGE_BYTES),
                    Long.toString(IMAGE_BYTES / 2));
        }
    }

    private static String dataVolume(String volumeMode, long bytes) {
        String source = server.url("/disk") + "\n      secretRef: login";
        return Manifests.http("disk", source, "csi-immediate", volumeMode, bytes);
    }

    private static Secret login(String password) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName("login")
                .endMetadata()
                .addToStringData("accessKeyId", "me")
                .addToStringData("secretKey", password)
                .build();
    }

    private void awaitRunning(TestNamespace namespace, String reason, String... words) {
        TestWaits.until(
                "condition Running of " + namespace.name() + "/disk says " + reason + " and " + List.of(words),
                () -> conditions(namespace)
                        .anyMatch(condition -> condition.type().equals("Running")
                                && condition.status().equals("False")
                                && reason.equals(condition.reason())
                                && Stream.of(words)
                                        .allMatch(word -> condition.message().contains(word))));
        assertThat(kubernetes.v1().events().inNamespace(namespace.name()).list().getItems())
                .as("an event on the DataVolume says so too")
                .filteredOn(
                        event -> "DataVolume".equals(event.getInvolvedObject().getKind()))
                .filteredOn(event -> reason.equals(event.getReason()))
                .extracting(Event::getMessage)
                .anyMatch(message -> Stream.of(words).allMatch(message::contains));
    }

    private static Stream<DataVolumeCondition> conditions(TestNamespace namespace) {
        var status = namespace.dataVolume("disk").get().getStatus();
        return status == null ? Stream.empty() : status.conditions().stream();
    }
}
