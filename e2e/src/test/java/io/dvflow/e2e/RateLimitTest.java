package io.dvflow.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferReport;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A limit reaches a transfer that runs, by way of the object, the pod, and the kubelet; the pod stays the same. */
@EnabledIfEnvironmentVariable(named = "DVFLOW_E2E", matches = "1")
class RateLimitTest {

    private static final long MIB = 1 << 20;

    @TempDir
    static Path directory;

    private static SourceImages images;
    private static FaultServer server;

    @BeforeAll
    static void serveImages() {
        images = new SourceImages(directory);
        server = FaultServer.start(
                ServerOptions.defaults().bind(TestCluster.get().hostAddress(), 0));
    }

    @AfterAll
    static void stopServing() {
        server.close();
    }

    @Test
    void aRunningTransferIsSlowedDownAndSpedUp() {
        try (var namespace = new TestNamespace("rate")) {
            Held held = new Held(namespace, images, server, "raw");
            RunningImport running = held.apply(Map.of("dvflow.io/rate-limit", "256Ki"));
            awaitSaid(namespace, held, "Reading at most 256Ki bytes per second");
            awaitFetched(namespace, held, 1);
            long before = fetched(namespace, held);
            long began = System.nanoTime();
            awaitFetched(namespace, held, before + 2 * MIB);
            double slowly = secondsSince(began);

            held.annotate("dvflow.io/rate-limit", "512Ki");
            long asked = System.nanoTime();
            awaitSaid(namespace, held, "Reading at most 512Ki bytes per second");
            System.out.printf("rate | a change reached the program after %.1f s%n", secondsSince(asked));
            held.removeAnnotation("dvflow.io/rate-limit");
            long lifted = System.nanoTime();
            var imported = namespace.awaitPhase("disk", DataVolumePhase.SUCCEEDED);

            // Eight, if a busy machine showed the log at once each time.
            assertThat(slowly).as("seconds for 2 MiB at 256 KiB/s").isBetween(3.0, 60.0);
            assertThat(secondsSince(lifted))
                    .as("seconds for the rest, of more than 35 at that rate")
                    .isLessThan(30);
            assertThat(imported.getStatus().restartCount())
                    .as("one and the same pod")
                    .isZero();
            held.awaitRightBytes();
            Leftovers.assertNone(namespace, running.ref());
        }
    }

    private static void awaitSaid(TestNamespace namespace, Held held, String words) {
        await("the transfer says: " + words)
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> log(namespace, held).contains(words));
    }

    private static void awaitFetched(TestNamespace namespace, Held held, long bytes) {
        await(bytes + " bytes arrive")
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> fetched(namespace, held) >= bytes);
    }

    /** By the pod's own count; what the server has sent may still be in the buffers of sockets. */
    private static long fetched(TestNamespace namespace, Held held) {
        return log(namespace, held)
                .lines()
                .map(TransferJson::readReport)
                .flatMap(Optional::stream)
                .filter(TransferReport.Progress.class::isInstance)
                .mapToLong(report -> ((TransferReport.Progress) report).fetchedBytes())
                .max()
                .orElse(0);
    }

    private static String log(TestNamespace namespace, Held held) {
        List<Pod> pods = held.transferPods();
        if (pods.isEmpty() || !"Running".equals(pods.getFirst().getStatus().getPhase())) {
            return "";
        }
        Pod pod = pods.getFirst();
        return TestCluster.get()
                .kubernetes()
                .pods()
                .inNamespace(namespace.name())
                .withName(pod.getMetadata().getName())
                .getLog();
    }

    private static double secondsSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e9;
    }
}
