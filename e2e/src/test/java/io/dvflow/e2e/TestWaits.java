package io.dvflow.e2e;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waiting for a condition of the cluster. */
final class TestWaits {

    private TestWaits() {}

    static void until(String what, Callable<Boolean> condition) {
        await(what)
                .atMost(TestNamespace.PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .until(condition);
    }
}
