package io.dvflow.bridge.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReconcileLoopTest {

    private final ReconcileQueue<String> queue = new ReconcileQueue<>(
            new Backoff(Duration.ofMillis(10), Duration.ofMillis(50), new Random(1)), InstantSource.system());

    @Test
    void triesAgainAfterAnException() {
        var calls = new AtomicInteger();
        try (var loop = loop(_ -> {
            if (calls.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
            }
            return Next.SETTLED;
        })) {
            loop.start();
            queue.add("a");

            await().until(() -> calls.get() == 3);
        }
    }

    @Test
    void looksAgainWhenAskedTo() {
        var calls = new AtomicInteger();
        try (var loop = loop(_ -> calls.incrementAndGet() < 3 ? Next.after(Duration.ofMillis(5)) : Next.SETTLED)) {
            loop.start();
            queue.add("a");

            await().until(() -> calls.get() == 3);
        }
    }

    @Test
    void aKeyIsNeverInTwoHandsAndASlowOneHoldsNobodyElseUp() {
        var hold = new CountDownLatch(1);
        Map<String, Integer> inHand = new ConcurrentHashMap<>();
        var most = new AtomicInteger();
        var others = new AtomicInteger();
        try (var loop = loop(key -> {
            int hands = inHand.merge(key, 1, Integer::sum);
            most.accumulateAndGet(hands, Math::max);
            if (key.equals("slow")) {
                awaitUninterrupted(hold);
            } else {
                others.incrementAndGet();
            }
            inHand.merge(key, -1, Integer::sum);
            return Next.SETTLED;
        })) {
            loop.start();
            queue.add("slow");
            await().until(() -> inHand.getOrDefault("slow", 0) == 1);
            for (int i = 0; i < 20; i++) {
                queue.add("slow");
                queue.add("other-" + i);
            }

            await().until(() -> others.get() == 20);
            assertThat(most).hasValue(1);
            hold.countDown();
        }
    }

    private ReconcileLoop<String> loop(Reconciler<String> reconciler) {
        return new ReconcileLoop<>("things", queue, new RateLimit(1000, 1000, InstantSource.system()), reconciler, 4);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
