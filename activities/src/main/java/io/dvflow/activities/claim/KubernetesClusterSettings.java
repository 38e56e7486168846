package io.dvflow.activities.claim;

import io.dvflow.activities.kubernetes.KubernetesCalls;
import io.dvflow.activities.transfer.source.VddkSetup;
import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDISpec;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.api.v1beta1.NodePlacement;
import io.dvflow.api.v1beta1.StorageProfile;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** {@link ClusterSettings} from the API server, kept for a few seconds: many DataVolumes start at once. */
public final class KubernetesClusterSettings implements ClusterSettings {

    private static final Duration KEPT = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final Clock clock;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    public KubernetesClusterSettings(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    @Override
    public List<StorageClass> storageClasses() {
        return kept(
                "storage classes",
                () -> client.storage().v1().storageClasses().list().getItems());
    }

    @Override
    public Optional<StorageClass> storageClass(String name) {
        return kept(
                "storage class " + name,
                () -> Optional.ofNullable(
                        client.storage().v1().storageClasses().withName(name).get()));
    }

    @Override
    public Optional<StorageProfile> storageProfile(String storageClass) {
        return kept(
                "StorageProfile " + storageClass,
                () -> Optional.ofNullable(client.resources(StorageProfile.class)
                        .withName(storageClass)
                        .get()));
    }

    @Override
    public boolean isCsiDriver(String provisioner) {
        // Names with a slash (rancher.io/local-path) are none of CSI's, and in a URL they would name a subresource.
        return !provisioner.contains("/")
                && kept(
                        "CSI driver " + provisioner,
                        () -> client.storage()
                                        .v1()
                                        .csiDrivers()
                                        .withName(provisioner)
                                        .get()
                                != null);
    }

    @Override
    public Optional<CDIConfig> config() {
        return kept(
                "CDIConfig " + CdiApi.CONFIG_NAME,
                () -> Optional.ofNullable(client.resources(CDIConfig.class)
                        .withName(CdiApi.CONFIG_NAME)
                        .get()));
    }

    @Override
    public Optional<NodePlacement> workloadPlacement() {
        return kept(
                "CDI objects",
                () -> client.resources(CDI.class).list().getItems().stream()
                        .min(Comparator.comparing(cdi -> cdi.getMetadata().getCreationTimestamp()))
                        .map(CDI::getSpec)
                        .map(CDISpec::workload));
    }

    @Override
    public Optional<String> vddkLibraryImage() {
        return ownConfigMap(VddkSetup.CONFIG_MAP)
                .map(data -> data.get(VddkSetup.CONFIG_MAP_KEY))
                .filter(image -> !image.isBlank());
    }

    @Override
    public Optional<Map<String, String>> ownConfigMap(String name) {
        return kept("ConfigMap " + name, () -> read(installation(), name));
    }

    /** Not kept: users have as many as they like. */
    @Override
    public Map<String, String> configMap(String namespace, String name) {
        return KubernetesCalls.call("reading ConfigMap " + namespace + "/" + name, () -> read(namespace, name))
                .orElse(Map.of());
    }

    private Optional<Map<String, String>> read(String namespace, String configMap) {
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(namespace)
                        .withName(configMap)
                        .get())
                .map(found -> Optional.ofNullable(found.getData()).orElse(Map.of()));
    }

    /** The worker's own namespace; CDI's usual one for a worker that runs outside of the cluster. */
    private String installation() {
        return Optional.ofNullable(client.getNamespace()).orElse("cdi");
    }

    @Override
    public void forget() {
        answers.clear();
    }

    private <T> T kept(String what, Supplier<T> request) {
        Answer known = answers.get(what);
        if (known == null || known.readAt().plus(KEPT).isBefore(clock.instant())) {
            known = new Answer(KubernetesCalls.call("reading " + what, request), clock.instant());
            answers.put(what, known);
        }
        // Only this method writes the map, and each key always with the same type.
        @SuppressWarnings("unchecked")
        T value = (T) known.value();
        return value;
    }

    private record Answer(Object value, Instant readAt) {}
}
