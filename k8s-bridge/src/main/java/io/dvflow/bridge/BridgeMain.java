package io.dvflow.bridge;

import io.dvflow.bridge.engine.TemporalEngine;
import io.dvflow.bridge.leader.Leadership;
import io.dvflow.process.HealthServer;
import io.dvflow.process.Lifetime;
import io.dvflow.temporal.TemporalConnection;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entry point of the process {@code dvflow-bridge}. */
public final class BridgeMain {

    private static final Logger LOG = LoggerFactory.getLogger(BridgeMain.class);

    private BridgeMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        BridgeSettings settings = BridgeSettings.from(System.getenv());
        String version = Optional.ofNullable(BridgeMain.class.getPackage().getImplementationVersion())
                .orElse("unreleased");
        // A pod's name comes back with a StatefulSet or a container's restart; the holder of a lease must not.
        String identity = settings.identity() + "_" + UUID.randomUUID();
        InstantSource clock = InstantSource.system();
        PrometheusMeterRegistry registry = HealthServer.newRegistry();
        KubernetesClient client = new KubernetesClientBuilder().build();
        TemporalConnection connection =
                TemporalConnection.open(System.getenv(), "dvflow-bridge@" + settings.identity(), registry);
        TemporalEngine engine = new TemporalEngine(connection, clock);
        Bridge bridge = new Bridge(client, engine, registry, version, clock);
        Leadership leadership = new Leadership(client, settings.namespace(), identity);
        Standing standing = new Standing(bridge);
        HealthServer health = HealthServer.start(settings.healthPort(), registry, standing::missing);
        Lifetime lifetime = Lifetime.endedBy(() -> {
            standing.shutDown();
            bridge.close();
            leadership.close();
            engine.close();
            connection.close();
            client.close();
            health.close();
        });
        LOG.info(
                "dvflow-bridge {} with Temporal at {}, namespace {}",
                version,
                connection.address(),
                connection.namespace());
        lifetime.live(() -> leadership.run(
                // The election's own thread has the lease to renew meanwhile.
                () -> Thread.ofPlatform().name("start").start(() -> goToWork(bridge, standing, lifetime)),
                () -> startAnew(lifetime, "lost the lease to another bridge, or the API server for too long")));
    }

    private static void goToWork(Bridge bridge, Standing standing, Lifetime lifetime) {
        LOG.info("This bridge is the one at work");
        standing.atWork();
        try {
            bridge.start(() -> startAnew(lifetime, "has lost a watch on the API server for good"));
        } catch (RuntimeException e) {
            LOG.error("Cannot list the objects of the cluster", e);
            startAnew(lifetime, "could not begin to work");
        }
    }

    /** Kubernetes starts the process again; another bridge may take over meanwhile. */
    private static void startAnew(Lifetime lifetime, String why) {
        LOG.error("This bridge ends, to be started anew: it {}", why);
        lifetime.fail();
    }
}
