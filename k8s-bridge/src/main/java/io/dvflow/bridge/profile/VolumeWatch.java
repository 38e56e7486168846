package io.dvflow.bridge.profile;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Volumes by class, watched only once there is a class without a provisioner: nothing else needs them, and a large
 * cluster has many.
 */
final class VolumeWatch implements AutoCloseable {

    static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";

    private static final String BY_CLASS = "storageClass";

    private final KubernetesClient client;
    private final ResourceEventHandler<PersistentVolume> handler;
    private volatile Optional<SharedIndexInformer<PersistentVolume>> informer = Optional.empty();

    VolumeWatch(KubernetesClient client, ResourceEventHandler<PersistentVolume> handler) {
        this.client = client;
        this.handler = handler;
    }

    List<PersistentVolume> ofClass(String storageClass) {
        return watching().getIndexer().byIndex(BY_CLASS, storageClass);
    }

    private synchronized SharedIndexInformer<PersistentVolume> watching() {
        if (informer.isEmpty()) {
            var watch = client.persistentVolumes().runnableInformer(0);
            watch.addIndexers(Map.of(BY_CLASS, VolumeWatch::classOf));
            watch.addEventHandler(handler);
            watch.run();
            informer = Optional.of(watch);
        }
        return informer.get();
    }

    static List<String> classOf(PersistentVolume volume) {
        String storageClass = volume.getSpec().getStorageClassName();
        return storageClass == null ? List.of() : List.of(storageClass);
    }

    @Override
    public synchronized void close() {
        informer.ifPresent(SharedIndexInformer::stop);
    }
}
