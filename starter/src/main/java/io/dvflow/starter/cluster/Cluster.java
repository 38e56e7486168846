package io.dvflow.starter.cluster;

import io.dvflow.api.DvflowLabels;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.CommandFailure;
import io.dvflow.starter.Exit;
import io.dvflow.starter.output.Documents;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.fabric8.kubernetes.client.dsl.ContainerResource;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.CustomResourceDefinitionContext;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.InputStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one door to the API server. Everything goes through it with the user's own credentials, so Kubernetes says who
 * may do what. Throws {@link CommandFailure} with a message for the user.
 */
public final class Cluster implements AutoCloseable {
    private static final int FORBIDDEN = 403;
    private static final String FIELD_MANAGER = "dvflow-cli";

    private final KubernetesClient client;
    private final String namespace;
    private final String systemNamespace;

    public Cluster(KubernetesClient client, String namespace, String systemNamespace) {
        this.client = client;
        this.namespace = namespace;
        this.systemNamespace = systemNamespace;
    }

    /** The namespace that the command works in. */
    public String namespace() {
        return namespace;
    }

    public String address() {
        return client.getMasterUrl().toString();
    }

    public String systemNamespace() {
        return systemNamespace;
    }

    public DataVolume get(String name) {
        DataVolume found = ask(
                "reading DataVolume " + namespace + "/" + name,
                () -> dataVolume(name).get());
        if (found == null) {
            throw missing(name);
        }
        return found;
    }

    /** Those of the namespace, in the order of their names. */
    public List<DataVolume> list(Optional<String> labelSelector) {
        return sorted(ask(
                "listing the DataVolumes of namespace " + namespace,
                () -> client.resources(DataVolume.class)
                        .inNamespace(namespace)
                        .withLabelSelector(labelSelector.orElse(""))
                        .list()
                        .getItems()));
    }

    /** Those of all namespaces, in the order of namespace and name. */
    public List<DataVolume> listEverywhere(Optional<String> labelSelector) {
        return sorted(ask(
                "listing the DataVolumes of all namespaces",
                () -> client.resources(DataVolume.class)
                        .inAnyNamespace()
                        .withLabelSelector(labelSelector.orElse(""))
                        .list()
                        .getItems()));
    }

    /**
     * Creates a DataVolume from a manifest as it was written: a member that the API does not know is refused, not
     * dropped.
     */
    public DataVolume create(GenericKubernetesResource manifest) {
        String name = Optional.ofNullable(manifest.getMetadata().getName())
                .orElse(manifest.getMetadata().getGenerateName() + "...");
        var created = ask(
                "creating DataVolume " + namespace + "/" + name,
                () -> client.genericKubernetesResources(
                                CustomResourceDefinitionContext.fromCustomResourceType(DataVolume.class))
                        .inNamespace(namespace)
                        .resource(manifest)
                        .fieldValidation(Validation.STRICT)
                        .create());
        return Documents.json().convertValue(created, DataVolume.class);
    }

    /**
     * Sets annotations, or removes those without a value, on this very object: one of the same name that was created
     * since is left alone.
     */
    public DataVolume annotate(DataVolume dataVolume, Map<String, Optional<String>> annotations) {
        var values = new HashMap<String, String>();
        annotations.forEach((key, value) -> values.put(key, value.orElse(null)));
        var metadata = Map.of("uid", dataVolume.getMetadata().getUid(), "annotations", values);
        String name = dataVolume.getMetadata().getName();
        return ask(
                "annotating DataVolume " + namespace + "/" + name,
                () -> dataVolume(name)
                        .patch(
                                new PatchContext.Builder()
                                        .withPatchType(PatchType.JSON_MERGE)
                                        .withFieldManager(FIELD_MANAGER)
                                        .build(),
                                client.getKubernetesSerialization().asJson(Map.of("metadata", metadata))));
    }

    public DataVolumeWatch watch(DataVolume dataVolume) {
        String name = dataVolume.getMetadata().getName();
        return ask(
                "watching DataVolume " + namespace + "/" + name,
                () -> new DataVolumeWatch(
                        dataVolume(name), dataVolume.getMetadata().getUid()));
    }

    /** The newest warning about the object; empty when there is none, or when events may not be read. */
    public Optional<Event> newestWarning(DataVolume dataVolume) {
        return unlessForbidden(
                "reading the events of namespace " + namespace,
                () -> client
                        .v1()
                        .events()
                        .inNamespace(namespace)
                        .withField(
                                "involvedObject.uid", dataVolume.getMetadata().getUid())
                        .withField("type", "Warning")
                        .list()
                        .getItems()
                        .stream()
                        .max(Comparator.comparing(Cluster::lastSeen)));
    }

    /** What the installed chart says about itself; nothing when that is not there or may not be read. */
    public Optional<Installation> installation() {
        return unlessForbidden(
                "reading ConfigMap " + systemNamespace + "/" + Installation.CONFIG_MAP,
                () -> Optional.ofNullable(client.configMaps()
                                .inNamespace(systemNamespace)
                                .withName(Installation.CONFIG_MAP)
                                .get())
                        .map(ConfigMap::getData)
                        .map(Installation::of));
    }

    /** The transfer pod of the newest attempt. */
    public Optional<TransferPod> newestTransferPod(DataVolume dataVolume) {
        List<Pod> pods = ask(
                "looking for the transfer pod of " + dataVolume.getMetadata().getName(),
                () -> client.pods()
                        .inNamespace(namespace)
                        .withLabel(
                                DvflowLabels.DATAVOLUME_UID,
                                dataVolume.getMetadata().getUid())
                        .list()
                        .getItems());
        return pods.stream()
                .filter(pod -> pod.getSpec().getContainers().stream()
                        .anyMatch(container -> TransferPod.CONTAINER.equals(container.getName())))
                .max(Comparator.comparing((Pod pod) -> pod.getMetadata().getCreationTimestamp())
                        .thenComparing(pod -> pod.getMetadata().getName()))
                .map(TransferPod::new);
    }

    /** Waits until the pod's process runs or has ended; empty when it has not by then, or the pod is gone. */
    public Optional<TransferPod> awaitStart(TransferPod pod, Duration patience) {
        return ask("waiting for pod " + namespace + "/" + pod.name(), () -> {
            try {
                return Optional.ofNullable(client.pods()
                                .inNamespace(namespace)
                                .withName(pod.name())
                                .waitUntilCondition(
                                        found -> found == null || new TransferPod(found).hasStarted(),
                                        patience.toMillis(),
                                        TimeUnit.MILLISECONDS))
                        .map(TransferPod::new);
            } catch (KubernetesClientTimeoutException e) {
                return Optional.empty();
            }
        });
    }

    /** What the pod has written so far. */
    public InputStream log(TransferPod pod, Optional<Integer> tail) {
        return ask("reading the log of pod " + namespace + "/" + pod.name(), () -> {
            ContainerResource container = container(pod);
            return tail.isPresent()
                    ? container.tailingLines(tail.get()).getLogInputStream()
                    : container.getLogInputStream();
        });
    }

    /** What the pod has written and will write, until it ends. */
    public LogWatch followLog(TransferPod pod, Optional<Integer> tail) {
        return ask("following the log of pod " + namespace + "/" + pod.name(), () -> {
            ContainerResource container = container(pod);
            return tail.isPresent() ? container.tailingLines(tail.get()).watchLog() : container.watchLog();
        });
    }

    @Override
    public void close() {
        client.close();
    }

    private ContainerResource container(TransferPod pod) {
        return client.pods().inNamespace(namespace).withName(pod.name()).inContainer(TransferPod.CONTAINER);
    }

    private Resource<DataVolume> dataVolume(String name) {
        return client.resources(DataVolume.class).inNamespace(namespace).withName(name);
    }

    private CommandFailure missing(String name) {
        // The client tells a missing object and a missing kind alike.
        if (!ask("asking the API server which kinds it knows", () -> client.supports(DataVolume.class))) {
            return ClusterErrors.notInstalled(address());
        }
        return new CommandFailure(
                Exit.NOT_FOUND,
                "There is no DataVolume '" + name + "' in namespace '" + namespace
                        + "'. Choose another with -n, or see what is there with 'list -A'.");
    }

    private <T> T ask(String doing, Supplier<T> request) {
        try {
            return request.get();
        } catch (KubernetesClientException e) {
            throw ClusterErrors.explain(e, doing, address());
        }
    }

    private <T> Optional<T> unlessForbidden(String doing, Supplier<Optional<T>> request) {
        return ask(doing, () -> {
            try {
                return request.get();
            } catch (KubernetesClientException e) {
                // Extras for those who may see them: most users have no rights outside their namespace.
                if (e.getCode() == FORBIDDEN) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private static List<DataVolume> sorted(List<DataVolume> dataVolumes) {
        return dataVolumes.stream()
                .sorted(Comparator.comparing(
                                (DataVolume found) -> found.getMetadata().getNamespace())
                        .thenComparing(found -> found.getMetadata().getName()))
                .toList();
    }

    private static String lastSeen(Event event) {
        if (event.getSeries() != null && event.getSeries().getLastObservedTime() != null) {
            return event.getSeries().getLastObservedTime().getTime();
        }
        if (event.getLastTimestamp() != null) {
            return event.getLastTimestamp();
        }
        if (event.getEventTime() != null && event.getEventTime().getTime() != null) {
            return event.getEventTime().getTime();
        }
        return Optional.ofNullable(event.getMetadata().getCreationTimestamp()).orElse("");
    }
}
