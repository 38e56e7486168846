package io.dvflow.bridge.leader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.bridge.BridgeRights;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The election on a real API server, with the rights that the chart gives. */
@ExtendWith(KubeApiExtension.class)
@Timeout(60)
class LeadershipTest {

    /** A lease that is not given back lasts for 15 s. */
    private static final Duration SOONER_THAN_A_LEASE_RUNS_OUT = Duration.ofSeconds(10);

    @Test
    void theNextOneTakesOverWhenTheFirstShutsDown(KubeApi api) {
        String namespace = "leader-" + UUID.randomUUID().toString().substring(0, 8);
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        var firstWon = new AtomicInteger();
        var secondWon = new AtomicInteger();
        var lost = new AtomicInteger();
        try (KubernetesClient client = BridgeRights.clientOf(api, namespace);
                var second = new Leadership(client, namespace, "second")) {
            var first = new Leadership(client, namespace, "first");
            first.run(firstWon::incrementAndGet, lost::incrementAndGet);
            await().until(() -> firstWon.get() == 1);
            second.run(secondWon::incrementAndGet, lost::incrementAndGet);

            first.close();

            await().atMost(SOONER_THAN_A_LEASE_RUNS_OUT).until(() -> secondWon.get() == 1);
            assertThat(firstWon).hasValue(1);
            assertThat(lost).as("told that it lost though it stepped down").hasValue(0);
        }
    }
}
