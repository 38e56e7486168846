package io.dvflow.bridge;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.bridge.config.Configuration;
import io.dvflow.bridge.engine.EngineHealth;
import io.dvflow.bridge.engine.EngineState;
import io.dvflow.bridge.engine.WorkflowEngine;
import io.dvflow.bridge.operation.Operations;
import io.dvflow.bridge.profile.Profiles;
import io.dvflow.bridge.sweep.OrphanSweep;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bridge at work: everything that only the leader does. */
final class Bridge implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);
    private static final Duration PROBE_EVERY = Duration.ofSeconds(5);
    private static final Duration LOOK_FOR_SNAPSHOTS_EVERY = Duration.ofMinutes(1);
    private static final Duration SWEEP_EVERY = Duration.ofMinutes(5);

    private final EngineHealth health;
    private final Operations operations;
    private final OrphanSweep orphans;
    private final Profiles profiles;
    private final Configuration configuration;
    private final ScheduledExecutorService periodic = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().name("periodic-", 0).factory());
    private volatile boolean started;

    Bridge(
            KubernetesClient client,
            WorkflowEngine engine,
            MeterRegistry registry,
            String version,
            InstantSource clock) {
        this.health = new EngineHealth(engine);
        this.operations = new Operations(client, engine, health, clock);
        this.orphans = new OrphanSweep(engine, operations::exists);
        this.profiles = new Profiles(client, registry, clock);
        this.configuration = new Configuration(client, profiles::storageClasses, version, clock);
        profiles.onStorageClasses(configuration::look);
        measure(registry);
    }

    private void measure(MeterRegistry registry) {
        Gauge.builder("kubevirt_cdi_datavolume_pending", () -> operations.countIn(DataVolumePhase.PENDING))
                .description("DataVolumes that wait for a storage class or a volume")
                .register(registry);
        Gauge.builder("kubevirt_cdi_cr_ready", () -> configuration.isDeployed() ? 1 : 0)
                .description("1 when there is a CDI object and it is deployed")
                .register(registry);
        Gauge.builder("dvflow_bridge_queue_depth", operations::queueDepth)
                .description("DataVolumes that want a look now")
                .register(registry);
        Gauge.builder("dvflow_bridge_engine_available", () -> health.state() == EngineState.AVAILABLE ? 1 : 0)
                .description("1 when Temporal answers and workers are there")
                .register(registry);
    }

    /**
     * Returns when the cluster's objects are known.
     *
     * @param deaf called when a watch has ended for good: this process sees nothing any more, and a new one has to
     */
    void start(Runnable deaf) {
        profiles.start();
        configuration.start();
        operations.start();
        every(PROBE_EVERY, Duration.ZERO, "ask how Temporal is", health::look);
        every(LOOK_FOR_SNAPSHOTS_EVERY, Duration.ZERO, "look for snapshot classes", profiles::lookForSnapshots);
        every(SWEEP_EVERY, Duration.ZERO, "look for orphans", this::sweep);
        every(SWEEP_EVERY, SWEEP_EVERY, "look at all objects", this::resync);
        started = true;
        every(PROBE_EVERY, PROBE_EVERY, "see whether everything is watched", () -> {
            if (!isWatching()) {
                deaf.run();
            }
        });
    }

    private boolean isWatching() {
        return operations.isWatching() && profiles.isWatching() && configuration.isWatching();
    }

    /** Cancels imports whose object is gone, as far as Temporal lists them by now. */
    void sweep() {
        orphans.sweep();
    }

    private void resync() {
        operations.lookAtAll();
        profiles.lookAtAll();
        configuration.look();
    }

    private void every(Duration period, Duration first, String what, Runnable task) {
        var _ = periodic.scheduleWithFixedDelay(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException e) {
                        // An exception that escapes would end the repetition for good.
                        LOG.warn("Could not {}; tried again in {}", what, period, e);
                    }
                },
                first.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Empty when everything is watched, else the sentence that says what is missing. */
    String missing() {
        if (!started) {
            return "The objects of the cluster are still being listed";
        }
        return isWatching() ? "" : "A watch on the API server has ended";
    }

    @Override
    public void close() {
        periodic.shutdownNow();
        operations.close();
        configuration.close();
        profiles.close();
    }
}
