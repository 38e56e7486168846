package io.dvflow.gateway;

import io.dvflow.gateway.admission.CdiDeletion;
import io.dvflow.gateway.admission.ClusterView;
import io.dvflow.gateway.admission.DataVolumeCreation;
import io.dvflow.gateway.admission.KubernetesClusterView;
import io.dvflow.gateway.tls.ReloadingKeyManager;
import io.dvflow.gateway.webhook.AdmissionHandler;
import io.dvflow.gateway.webhook.WebhookServer;
import io.dvflow.process.HealthServer;
import io.dvflow.process.Lifetime;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entry point of the gateway, deployed as {@code dvflow-gateway}. */
public final class GatewayMain {
    private static final Logger LOG = LoggerFactory.getLogger(GatewayMain.class);

    // An admission request has 30 s for all its look-ups.
    private static final int LOOKUP_MILLIS = 5_000;

    private GatewayMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        GatewaySettings settings = GatewaySettings.from(System.getenv());
        Config config = new ConfigBuilder(Config.autoConfigure(null))
                .withRequestTimeout(LOOKUP_MILLIS)
                .withRequestRetryBackoffLimit(1)
                .build();
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        WebhookServer webhooks = start(settings, client);
        HealthServer health = HealthServer.start(settings.healthPort(), HealthServer.newRegistry(), () -> "");
        Lifetime lifetime = Lifetime.endedBy(() -> {
            webhooks.close();
            client.close();
            health.close();
        });
        lifetime.live(() -> LOG.info("Answering admission requests on port {}", webhooks.port()));
    }

    /** Starts the webhooks alone. The caller closes the result and the client. */
    static WebhookServer start(GatewaySettings settings, KubernetesClient client) throws IOException {
        ClusterView cluster = new KubernetesClusterView(client);
        return WebhookServer.start(
                settings.port(),
                ReloadingKeyManager.watching(settings.tlsDirectory()),
                Map.of(
                        "/datavolume-validate", new AdmissionHandler(new DataVolumeCreation(cluster)),
                        "/cdi-validate", new AdmissionHandler(new CdiDeletion(cluster))));
    }
}
