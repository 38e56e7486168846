package io.dvflow.bridge;

import io.dvflow.bridge.engine.TemporalEngine;
import io.dvflow.bridge.leader.Leadership;
import io.dvflow.process.HealthServer;
import io.dvflow.temporal.TemporalConnection;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entry point of the process {@code dvflow-bridge}. */
public final class BridgeMain {

    private static final Logger LOG = LoggerFactory.getLogger(BridgeMain.class);
    private static final int LEADERSHIP_LOST = 1;

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
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            LOG.info("Shutting down");
                            standing.shutDown();
                            bridge.close();
                            leadership.close();
                            engine.close();
                            connection.close();
                            client.close();
                            health.close();
                            ended.countDown();
                        },
                        "shutdown"));
        LOG.info(
                "dvflow-bridge {} with Temporal at {}, namespace {}",
                version,
                connection.address(),
                connection.namespace());
        leadership.run(
                () -> {
                    LOG.info("This bridge is the one at work");
                    standing.atWork();
                    bridge.start();
                },
                () -> {
                    LOG.error("Lost the lease to another bridge, or the API server for too long: starting anew");
                    Runtime.getRuntime().exit(LEADERSHIP_LOST);
                });
        ended.await();
    }
}
