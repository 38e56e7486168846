package io.dvflow.gateway;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.gateway.tls.TestKeys;
import io.dvflow.gateway.webhook.WebhookServer;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The rules of the webhook as users of the API server meet them; the gateway has the rights of the chart. */
@ExtendWith(KubeApiExtension.class)
class AdmissionOnRealApiTest {
    private static final Path CRDS = Path.of(System.getProperty("basedir", "."), "../helm/dvflow/templates/crds");
    private static final String BLANK = "source: {blank: {}}, storage: {resources: {requests: {storage: 1Gi}}}";

    @TempDir
    private static Path directory;

    private static KubeApi api;
    private static KubernetesClient gatewayClient;
    private static WebhookServer gateway;

    @BeforeAll
    static void install(KubeApi kubeApi) throws Exception {
        api = kubeApi;
        api.install(CRDS);
        apply(resource("cluster.yaml"));
        TestKeys keys = TestKeys.make(directory, "EC");
        keys.writeTo(directory);
        gatewayClient = api.clientAs("gateway");
        gateway = GatewayMain.start(new GatewaySettings(directory, 0, 0), gatewayClient);
        String authority =
                Base64.getEncoder().encodeToString(keys.certificatePem().getBytes(StandardCharsets.US_ASCII));
        apply(resource("webhooks.yaml")
                .replace("PORT", String.valueOf(gateway.port()))
                .replace("AUTHORITY", authority));
        await("the webhooks are in force").untilAsserted(() -> {
            assertThatThrownBy(() -> create("admin", dataVolume("taken", "{}", BLANK)))
                    .hasMessageContaining("already exists");
        });
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
            gatewayClient.close();
        }
    }

    @AfterEach
    void forgetDataSources() {
        api.kubectl("delete", "crd", "datasources.cdi.kubevirt.io", "--ignore-not-found");
    }

    @Test
    void refusesANewDataVolumeOverAClaimOfSomebodyElse() {
        assertThatThrownBy(() -> create("admin", dataVolume("taken", "{}", BLANK)))
                .hasMessageContaining("Destination PVC disks/taken already exists");
        assertThatCode(() -> create("admin", dataVolume("free", "{}", BLANK))).doesNotThrowAnyException();
        assertThatCode(() ->
                        create("admin", dataVolume("taken", "{cdi.kubevirt.io/allowClaimAdoption: 'true'}", BLANK)))
                .doesNotThrowAnyException();
        assertThatCode(() -> create("admin", dataVolume("filled", "{}", BLANK))).doesNotThrowAnyException();
    }

    @Test
    void letsClaimsBeAdoptedByFeatureGate() {
        apply("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: CDIConfig
                metadata: {name: config}
                spec: {featureGates: [DataVolumeClaimAdoption]}
                """);
        assertThatCode(() -> create("admin", dataVolume("taken", "{}", BLANK))).doesNotThrowAnyException();
        api.kubectl("delete", "cdiconfig", "config");
        assertThatThrownBy(() -> create("admin", dataVolume("taken", "{}", BLANK)))
                .hasMessageContaining("already exists");
    }

    @Test
    void refusesASourceThatTheClusterCannotHave() {
        assertThatThrownBy(() -> create("admin", fromDataSource("fedora")))
                .hasMessageContaining("SourceRef DataSource disks/fedora not found")
                .hasMessageContaining("does not serve the kind DataSource");
    }

    @Test
    void refusesADataSourceThatIsMissingOrEmpty() {
        serveDataSources();

        assertThatThrownBy(() -> create("admin", fromDataSource("missing")))
                .hasMessageContaining("SourceRef DataSource disks/missing not found");
        assertThatThrownBy(() -> create("admin", fromDataSource("empty")))
                .hasMessageContaining("Empty source field in DataSource disks/empty");
        assertThatCode(() -> create("admin", fromDataSource("own"))).doesNotThrowAnyException();
        assertThatCode(() -> create("admin", fromDataSource("foreign"))).doesNotThrowAnyException();
    }

    @Test
    void refusesWhoMayNotReadTheSourceOfADataSource() {
        serveDataSources();

        assertThatThrownBy(() -> create("stranger", fromDataSource("foreign")))
                .hasMessageContaining("User stranger has insufficient permissions in clone source namespace golden");
        assertThatCode(() -> create("reader", fromDataSource("foreign"))).doesNotThrowAnyException();
        assertThatCode(() -> create("stranger", fromDataSource("own"))).doesNotThrowAnyException();
    }

    @Test
    void keepsTheInstallationWhileDataVolumesExist() {
        apply("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: CDI
                metadata: {name: cdi}
                spec: {uninstallStrategy: BlockUninstallIfWorkloadsExist}
                """);
        api.client().resource(dataVolume("kept", "{}", BLANK)).create();

        assertThatThrownBy(() -> api.kubectl("delete", "cdi", "cdi"))
                .hasMessageContaining("there are still DataVolumes present");

        api.kubectl("label", "dv", "-n", "disks", "kept", "cdi.kubevirt.io/dataImportCron=nightly");
        api.kubectl("delete", "cdi", "cdi");
    }

    private static void serveDataSources() {
        apply(resource("datasources-crd.yaml"));
        apply(resource("datasources.yaml"));
    }

    private static GenericKubernetesResource fromDataSource(String name) {
        return dataVolume("new", "{}", "sourceRef: {kind: DataSource, name: " + name + "}, storage: {}");
    }

    private static GenericKubernetesResource dataVolume(String name, String annotations, String spec) {
        return Serialization.unmarshal("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: DataVolume
                metadata: {name: %s, namespace: disks, annotations: %s}
                spec: {%s}
                """.formatted(name, annotations, spec), GenericKubernetesResource.class);
    }

    private static void create(String user, GenericKubernetesResource dataVolume) {
        String[] groups = user.equals("admin") ? new String[] {"system:masters"} : new String[] {"disk-users"};
        try (KubernetesClient client = api.clientAs(user, groups)) {
            client.resource(dataVolume).dryRun().create();
        }
    }

    private static void apply(String manifest) {
        api.apply(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)));
    }

    private static String resource(String name) {
        try (var file = AdmissionOnRealApiTest.class.getResourceAsStream(name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading " + name, e);
        }
    }
}
