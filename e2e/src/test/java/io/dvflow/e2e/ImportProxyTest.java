package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.http.SquidProxy;
import io.dvflow.testbed.http.SquidProxy.Setup;
import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/**
 * An import through a proxy that wants a login and looks into TLS, from a host whose address only the proxy knows: set up on the
 * CDI object alone, kept from everybody else, and gone with the pod.
 */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class ImportProxyTest {

    private static final long MIB = 1 << 20;
    private static final long IMAGE_BYTES = 24 * MIB;
    private static final long DISK_BYTES = 32 * MIB;
    private static final long SEED = 12;
    private static final String HOST = "images.test";
    private static final String AUTHORITIES = "corporate-authorities";

    @TempDir
    static Path directory;

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();

    @Test
    void theProxyOfTheCdiConfigIsUsedAndItsLoginKept() throws Exception {
        String password = "password-" + UUID.randomUUID();
        SourceImages images = new SourceImages(directory);
        Path image = images.make("qcow2", IMAGE_BYTES, SEED);
        Path expected = images.expected("qcow2", IMAGE_BYTES, SEED, DISK_BYTES);
        String hostAddress = TestCluster.get().hostAddress();
        Setup setup = Setup.knowing(Map.of(HOST, hostAddress))
                .bind(hostAddress)
                .login("importer:" + password)
                .lookingInside();
        try (var namespace = new TestNamespace("proxy");
                // Of an authority that nobody has heard of: only the proxy ever sees it.
                var origin = FaultServer.start(ServerOptions.defaults()
                        .bind(hostAddress, 0)
                        .tls(new TestAuthority(directory).server("dns:" + HOST)));
                var proxy = SquidProxy.start(setup)) {
            var served = origin.add("/disk", ResourceSpec.of(image).etag("\"v1\""));
            String url = origin.url("/disk").replace(hostAddress, HOST);
            Resource<?> authorities = kubernetes.resource(new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace(TestCluster.SYSTEM_NAMESPACE)
                    .withName(AUTHORITIES)
                    .endMetadata()
                    .addToData("any-name", Files.readString(proxy.authority()))
                    .build());
            try (var _ = new Settings(
                    new ObjectMapper()
                            .writeValueAsString(Map.of(
                                    "config",
                                    Map.of(
                                            "importProxy",
                                            Map.of(
                                                    "HTTPSProxy",
                                                    proxy.url("importer:" + password),
                                                    "noProxy",
                                                    ".cluster.local,10.0.0.0/8",
                                                    "trustedCAProxy",
                                                    AUTHORITIES)))),
                    status -> status.importProxy() != null)) {
                var applied = namespace.apply(Manifests.http("disk", url, "csi-immediate", "Filesystem", DISK_BYTES));
                TestWaits.until(
                        "the missing ConfigMap is named on the object",
                        () -> Serialization.asJson(
                                        namespace.dataVolume("disk").get().getStatus())
                                .contains("ConfigMap " + AUTHORITIES));
                Volume disk = new Volume(namespace.name(), "disk", false);
                disk.startReader(images.directory(), expected.getFileName().toString());
                authorities.create();
                Held.annotate(namespace, "dvflow.io/retry", "now");
                List<String> seen = new ArrayList<>();
                TestWaits.until("the import succeeds", () -> {
                    everything(namespace).forEach(object -> seen.add(Serialization.asJson(object)));
                    return namespace.phaseOf("disk").equals(Optional.of(DataVolumePhase.SUCCEEDED.wireName()));
                });
                seen.add(TestCluster.get()
                        .temporal()
                        .fetchHistory(WorkflowIds.importOf(TestNamespace.refOf(applied)))
                        .toJson(true));

                disk.awaitSame(DISK_BYTES);
                assertThat(proxy.requests()).anyMatch(line -> line.contains("/206 GET https://" + HOST));
                assertThat(seen).noneMatch(text -> text.contains(password));
                assertThat(seen).as("pods were looked at").anyMatch(text -> text.contains("https_proxy"));
                Leftovers.assertNone(namespace, TestNamespace.refOf(applied));
                System.out.printf(
                        "format-row | https through a proxy with its own CA | %d MiB | Filesystem | qcow2 | plain | %.1f of %.1f%n",
                        IMAGE_BYTES / MIB, served.stats().bodyBytes() / (double) MIB, Files.size(image) / (double) MIB);
            } finally {
                authorities.delete();
            }
        }
    }

    /** All but Secrets. */
    private List<HasMetadata> everything(TestNamespace namespace) {
        List<HasMetadata> all = new ArrayList<>();
        all.addAll(kubernetes.pods().inNamespace(namespace.name()).list().getItems());
        all.addAll(kubernetes.configMaps().inNamespace(namespace.name()).list().getItems());
        all.addAll(kubernetes
                .persistentVolumeClaims()
                .inNamespace(namespace.name())
                .list()
                .getItems());
        all.addAll(kubernetes.v1().events().inNamespace(namespace.name()).list().getItems());
        all.add(namespace.dataVolume("disk").get());
        return all;
    }
}
