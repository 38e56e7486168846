package io.dvflow.bridge.profile;

import io.dvflow.api.v1beta1.StorageProfile;
import io.dvflow.bridge.queue.Backoff;
import io.dvflow.bridge.queue.RateLimit;
import io.dvflow.bridge.queue.ReconcileLoop;
import io.dvflow.bridge.queue.ReconcileQueue;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Watches storage classes and what belongs to them, and keeps a StorageProfile for each. */
public final class Profiles implements AutoCloseable {

    private static final double LOOKS_PER_SECOND = 10;
    private static final int LOOKS_AT_ONCE = 20;
    private static final int PARALLEL = 2;

    private final ReconcileQueue<String> queue;
    private final SharedIndexInformer<StorageClass> classes;
    private final SharedIndexInformer<StorageProfile> profiles;
    private final SnapshotClassWatch snapshotClasses;
    private final VolumeWatch volumes;
    private final ReconcileLoop<String> loop;
    private final List<Runnable> classListeners = new CopyOnWriteArrayList<>();

    public Profiles(KubernetesClient client, MeterRegistry registry, InstantSource clock) {
        this.queue = new ReconcileQueue<>(
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), RandomGenerator.getDefault()), clock);
        this.classes = client.storage().v1().storageClasses().runnableInformer(0);
        this.profiles = client.resources(StorageProfile.class).runnableInformer(0);
        this.snapshotClasses = new SnapshotClassWatch(client, onAny(_ -> lookAtAll()));
        this.volumes = new VolumeWatch(client, onAny(this::lookAtClassOf));
        this.loop = new ReconcileLoop<>(
                "StorageProfile",
                queue,
                new RateLimit(LOOKS_PER_SECOND, LOOKS_AT_ONCE, clock),
                new ProfileReconciler(
                        client,
                        new StorageView(classes.getStore(), profiles.getStore(), snapshotClasses, volumes),
                        new ProfileResolver(CapabilityTable.load()),
                        new ProfileMetrics(registry),
                        clock),
                PARALLEL);
        classes.addEventHandler(onAny(this::lookAtClass));
        profiles.addEventHandler(
                onAny(profile -> queue.add(profile.getMetadata().getName())));
    }

    /** Returns when everything is known; profiles are made and corrected from then on. */
    public void start() {
        profiles.run();
        classes.run();
        loop.start();
    }

    /** Looks at every profile. */
    public void lookAtAll() {
        profiles.getStore()
                .list()
                .forEach(profile -> queue.add(profile.getMetadata().getName()));
        classes.getStore().list().forEach(found -> queue.add(found.getMetadata().getName()));
    }

    /** Sees whether the cluster serves snapshots by now. */
    public void lookForSnapshots() {
        snapshotClasses.adapt();
    }

    public boolean isWatching() {
        return classes.hasSynced() && classes.isRunning() && profiles.hasSynced() && profiles.isRunning();
    }

    /** Names of the storage classes there are. */
    public List<String> storageClasses() {
        return classes.getStore().list().stream()
                .map(found -> found.getMetadata().getName())
                .sorted()
                .toList();
    }

    /** Told when storage classes come, change or go. */
    public void onStorageClasses(Runnable listener) {
        classListeners.add(listener);
    }

    private void lookAtClass(StorageClass changed) {
        queue.add(changed.getMetadata().getName());
        classListeners.forEach(Runnable::run);
    }

    private void lookAtClassOf(PersistentVolume volume) {
        VolumeWatch.classOf(volume).forEach(queue::add);
    }

    private static <T extends HasMetadata> ResourceEventHandler<T> onAny(Consumer<T> look) {
        return new ResourceEventHandler<>() {
            @Override
            public void onAdd(T added) {
                look.accept(added);
            }

            @Override
            public void onUpdate(T before, T now) {
                look.accept(now);
            }

            @Override
            public void onDelete(T deleted, boolean stateUnknown) {
                look.accept(deleted);
            }
        };
    }

    @Override
    public void close() {
        List.of(classes, profiles).forEach(SharedIndexInformer::stop);
        snapshotClasses.close();
        volumes.close();
        loop.close();
    }
}
