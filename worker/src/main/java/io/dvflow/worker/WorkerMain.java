package io.dvflow.worker;

import io.dvflow.process.HealthServer;
import io.dvflow.process.Lifetime;
import io.dvflow.temporal.TemporalConnection;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entry point of the process {@code dvflow-worker}. */
public final class WorkerMain {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);

    /** Well below the heartbeat timeout of 30 s: a request that hangs must not look like a dead worker. */
    private static final Duration API_REQUEST = Duration.ofSeconds(8);

    private WorkerMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        WorkerSettings settings = WorkerSettings.from(System.getenv());
        PrometheusMeterRegistry registry = HealthServer.newRegistry();
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(clientConfig()).build();
        TemporalConnection connection =
                TemporalConnection.open(System.getenv(), "dvflow-worker@" + settings.identity(), registry);
        WorkerProcess process = new WorkerProcess(
                connection,
                Workers.create(
                        connection,
                        ActivitySet.of(client, settings, Clock.systemUTC(), new TransferCounters(registry)),
                        settings.maxTransfers()));
        HealthServer health = HealthServer.start(settings.healthPort(), registry, process::missing);
        Lifetime lifetime = Lifetime.endedBy(() -> {
            process.stop(settings.shutdownGrace());
            connection.close();
            client.close();
            health.close();
        });
        LOG.info("dvflow-worker {}", version());
        lifetime.live(process::start);
    }

    private static Config clientConfig() {
        return new ConfigBuilder(Config.autoConfigure(null))
                .withRequestTimeout(Math.toIntExact(API_REQUEST.toMillis()))
                .withConnectionTimeout(Math.toIntExact(API_REQUEST.toMillis()))
                // Retrying is Temporal's: it remembers, and it says so.
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    private static String version() {
        return Optional.ofNullable(WorkerMain.class.getPackage().getImplementationVersion())
                .orElse("unreleased");
    }
}
