package io.dvflow.e2e;

import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A namespace of one test, gone with all that is in it when the test is over. */
final class TestNamespace implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofMinutes(4);

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();
    private final String name;

    TestNamespace(String purpose) {
        name = "t-" + purpose + "-" + UUID.randomUUID().toString().substring(0, 6);
        kubernetes
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    String name() {
        return name;
    }

    /** Applies a manifest, as a user would. */
    DataVolume apply(String manifest) {
        return kubernetes
                .resources(DataVolume.class)
                .inNamespace(name)
                .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .create();
    }

    /** Applies a manifest with several objects, one of them a DataVolume, as a user would. */
    DataVolume applyAll(String manifest) {
        kubernetes
                .load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .inNamespace(name)
                .create();
        return kubernetes
                .resources(DataVolume.class)
                .inNamespace(name)
                .list()
                .getItems()
                .getFirst();
    }

    /** Makes them, or changes what they say. */
    void applyThese(List<HasMetadata> objects) {
        objects.forEach(object ->
                kubernetes.resource(object).inNamespace(name).forceConflicts().serverSideApply());
    }

    void create(HasMetadata object) {
        kubernetes.resource(object).inNamespace(name).create();
    }

    /** Makes it, or another one in its place. */
    void secret(String secret, Map<String, String> data) {
        kubernetes.secrets().inNamespace(name).withName(secret).delete();
        create(new SecretBuilder()
                .withNewMetadata()
                .withName(secret)
                .endMetadata()
                .withStringData(data)
                .build());
    }

    /** Makes it, or changes what it holds. */
    void configMap(String configMap, Map<String, String> data) {
        kubernetes
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withNamespace(name)
                        .withName(configMap)
                        .endMetadata()
                        .withData(data)
                        .build())
                .serverSideApply();
    }

    /** Waits until it counts. */
    void quota(String quota, String what, String hard) {
        create(new ResourceQuotaBuilder()
                .withNewMetadata()
                .withName(quota)
                .endMetadata()
                .withNewSpec()
                .addToHard(what, new Quantity(hard))
                .endSpec()
                .build());
        TestWaits.until("quota " + quota + " counts", () -> {
            var status = kubernetes
                    .resourceQuotas()
                    .inNamespace(name)
                    .withName(quota)
                    .get()
                    .getStatus();
            return status != null && status.getHard() != null;
        });
    }

    void liftQuota(String quota) {
        kubernetes.resourceQuotas().inNamespace(name).withName(quota).delete();
    }

    /** A service with a server outside of the cluster behind its port 80. */
    void service(String service, String address, int port) {
        create(new ServiceBuilder()
                .withNewMetadata()
                .withName(service)
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .withNewTargetPort(port)
                .endPort()
                .endSpec()
                .build());
        create(new EndpointsBuilder()
                .withNewMetadata()
                .withName(service)
                .endMetadata()
                .addNewSubset()
                .addNewAddress()
                .withIp(address)
                .endAddress()
                .addNewPort()
                .withPort(port)
                .endPort()
                .endSubset()
                .build());
    }

    Resource<DataVolume> dataVolume(String dataVolume) {
        return kubernetes.resources(DataVolume.class).inNamespace(name).withName(dataVolume);
    }

    DataVolume awaitPhase(String dataVolume, DataVolumePhase phase) {
        await("DataVolume " + name + "/" + dataVolume + " is " + phase)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .untilAsserted(() -> {
                    var now = phaseOf(dataVolume);
                    if (!now.equals(Optional.of(phase.wireName()))) {
                        throw new AssertionError(
                                "is " + now + ": " + dataVolume(dataVolume).get());
                    }
                });
        return dataVolume(dataVolume).get();
    }

    Optional<String> phaseOf(String dataVolume) {
        return Optional.ofNullable(dataVolume(dataVolume).get())
                .flatMap(volume -> Optional.ofNullable(volume.getStatus()))
                .map(status -> status.phase());
    }

    static OperationRef refOf(DataVolume volume) {
        var metadata = volume.getMetadata();
        return new OperationRef(metadata.getNamespace(), metadata.getName(), metadata.getUid());
    }

    /** Does not wait until it is gone. */
    void delete() {
        kubernetes.namespaces().withName(name).delete();
    }

    @Override
    public void close() {
        delete();
        await("namespace " + name + " is gone")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> kubernetes.namespaces().withName(name).get() == null);
    }
}
