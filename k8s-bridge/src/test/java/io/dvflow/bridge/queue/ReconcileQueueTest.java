package io.dvflow.bridge.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReconcileQueueTest {

    private final SettableClock clock = new SettableClock();
    private final ReconcileQueue<String> queue =
            new ReconcileQueue<>(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), new Random(1)), clock);

    @Test
    void aKeyThatWaitsIsThereOnce() {
        queue.add("a");
        queue.add("b");
        queue.add("a");

        assertThat(queue.poll()).contains("a");
        assertThat(queue.poll()).contains("b");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void aKeyInHandComesBackAfterwardsIfItWasAddedMeanwhile() {
        queue.add("a");
        queue.poll();
        queue.add("a");

        assertThat(queue.poll()).isEmpty();
        queue.done("a");

        assertThat(queue.poll()).contains("a");
        queue.done("a");
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void aDelayedKeyComesWhenItsTimeHasCome() {
        queue.addAfter("a", Duration.ofSeconds(10));

        clock.advance(Duration.ofSeconds(9));
        assertThat(queue.poll()).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        assertThat(queue.poll()).contains("a");
    }

    @Test
    void theEarlierOfTwoTimesCounts() {
        queue.addAfter("a", Duration.ofSeconds(60));
        queue.addAfter("a", Duration.ofSeconds(5));
        queue.addAfter("a", Duration.ofSeconds(30));

        clock.advance(Duration.ofSeconds(5));
        assertThat(queue.poll()).contains("a");
        queue.done("a");
        clock.advance(Duration.ofSeconds(100));
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void anEventComesBeforeTheDelayAndReplacesIt() {
        queue.addAfter("a", Duration.ofSeconds(60));
        queue.add("a");

        assertThat(queue.poll()).contains("a");
        queue.done("a");
        clock.advance(Duration.ofSeconds(61));
        assertThat(queue.poll()).isEmpty();
    }

    @Test
    void retriesOfAKeyComeSlowerEachTimeAndFastAgainAfterSuccess() {
        assertThat(timeUntilRetry()).isBetween(Duration.ofMillis(750), Duration.ofSeconds(1));
        assertThat(timeUntilRetry()).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(2));
        assertThat(timeUntilRetry()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(4));

        queue.succeeded("a");

        assertThat(timeUntilRetry()).isBetween(Duration.ofMillis(750), Duration.ofSeconds(1));
    }

    private Duration timeUntilRetry() {
        queue.retry("a");
        Duration step = Duration.ofMillis(10);
        Duration waited = Duration.ZERO;
        while (queue.poll().isEmpty()) {
            clock.advance(step);
            waited = waited.plus(step);
        }
        queue.done("a");
        return waited;
    }

    @Test
    void anotherKeysFailuresDoNotSlowAKeyDown() {
        for (int i = 0; i < 10; i++) {
            queue.retry("b");
        }
        assertThat(timeUntilRetry()).isLessThanOrEqualTo(Duration.ofSeconds(1));
    }
}
