package io.dvflow.bridge.profile;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Snapshot classes, watched from when the cluster serves snapshots: their kinds are an add-on that may come later. */
final class SnapshotClassWatch implements AutoCloseable {

    private static final Set<String> KINDS = Set.of(SnapshotClass.KIND, "VolumeSnapshot", "VolumeSnapshotContent");

    private final KubernetesClient client;
    private final ResourceEventHandler<GenericKubernetesResource> handler;
    private volatile Optional<SharedIndexInformer<GenericKubernetesResource>> informer = Optional.empty();

    SnapshotClassWatch(KubernetesClient client, ResourceEventHandler<GenericKubernetesResource> handler) {
        this.client = client;
        this.handler = handler;
    }

    /**
     * Begins to watch if snapshots are served, and stops if they no longer are. Called now and then: kinds that were
     * just installed may not answer yet.
     */
    synchronized void adapt() {
        boolean served = served();
        if (served && informer.isEmpty()) {
            informer = Optional.of(client.genericKubernetesResources(SnapshotClass.GROUP_VERSION, SnapshotClass.KIND)
                    .inform(handler));
        }
        if (!served) {
            close();
        }
    }

    private boolean served() {
        APIResourceList found = client.getApiResources(SnapshotClass.GROUP_VERSION);
        return found != null
                && found.getResources().stream()
                        .map(APIResource::getKind)
                        .collect(Collectors.toSet())
                        .containsAll(KINDS);
    }

    /** All there are; empty when snapshots are not served. */
    Optional<List<SnapshotClass>> list() {
        return informer.map(
                watch -> watch.getStore().list().stream().map(SnapshotClass::of).toList());
    }

    @Override
    public synchronized void close() {
        informer.ifPresent(SharedIndexInformer::stop);
        informer = Optional.empty();
    }
}
