package io.dvflow.bridge.config;

import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CdiApi;
import io.dvflow.bridge.queue.Backoff;
import io.dvflow.bridge.queue.RateLimit;
import io.dvflow.bridge.queue.ReconcileLoop;
import io.dvflow.bridge.queue.ReconcileQueue;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Watches the CDI objects and CDIConfig, and keeps their status. */
public final class Configuration implements AutoCloseable {

    /** Everything is one key. */
    private static final String ALL = "CDI and CDIConfig";

    private static final double LOOKS_PER_SECOND = 2;
    private static final int LOOKS_AT_ONCE = 10;

    private final ReconcileQueue<String> queue;
    private final SharedIndexInformer<CDI> installations;
    private final SharedIndexInformer<CDIConfig> configs;
    private final ReconcileLoop<String> loop;

    /**
     * @param storageClasses names of those there are
     * @param version shown as the one that is installed
     */
    public Configuration(
            KubernetesClient client,
            Supplier<? extends Collection<String>> storageClasses,
            String version,
            InstantSource clock) {
        this.queue = new ReconcileQueue<>(
                new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1), RandomGenerator.getDefault()), clock);
        this.installations = client.resources(CDI.class).runnableInformer(0);
        this.configs = client.resources(CDIConfig.class).runnableInformer(0);
        this.loop = new ReconcileLoop<>(
                "configuration",
                queue,
                new RateLimit(LOOKS_PER_SECOND, LOOKS_AT_ONCE, clock),
                new ConfigReconciler(
                        client,
                        () -> installations.getStore().list(),
                        () -> Optional.ofNullable(configs.getStore().getByKey(CdiApi.CONFIG_NAME)),
                        storageClasses,
                        version,
                        clock),
                1);
        installations.addEventHandler(new Look<>());
        configs.addEventHandler(new Look<>());
    }

    public void start() {
        configs.run();
        installations.run();
        loop.start();
        look();
    }

    /** Looks at everything soon. */
    public void look() {
        queue.add(ALL);
    }

    public boolean isWatching() {
        return installations.hasSynced() && installations.isRunning() && configs.hasSynced() && configs.isRunning();
    }

    /** Whether there is a CDI object that says it is deployed. */
    public boolean isDeployed() {
        return InstallationResolver.active(installations.getStore().list())
                .filter(active -> active.getStatus() != null
                        && "Deployed".equals(active.getStatus().phase()))
                .isPresent();
    }

    @Override
    public void close() {
        List.of(installations, configs).forEach(SharedIndexInformer::stop);
        loop.close();
    }

    private final class Look<T> implements ResourceEventHandler<T> {
        @Override
        public void onAdd(T added) {
            look();
        }

        @Override
        public void onUpdate(T before, T now) {
            look();
        }

        @Override
        public void onDelete(T deleted, boolean stateUnknown) {
            look();
        }
    }
}
