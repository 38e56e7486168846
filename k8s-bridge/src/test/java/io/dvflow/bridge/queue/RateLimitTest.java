package io.dvflow.bridge.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private final SettableClock clock = new SettableClock();
    private final RateLimit limit = new RateLimit(10, 3, clock);

    @Test
    void aBurstIsFreeAndTheRestWaits() {
        assertThat(limit.reserve()).isZero();
        assertThat(limit.reserve()).isZero();
        assertThat(limit.reserve()).isZero();
        assertThat(limit.reserve()).isEqualTo(Duration.ofMillis(100));
        assertThat(limit.reserve()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void timeRefillsUpToTheBurst() {
        limit.reserve();
        clock.advance(Duration.ofHours(1));

        for (int i = 0; i < 3; i++) {
            assertThat(limit.reserve()).isZero();
        }
        assertThat(limit.reserve()).isPositive();
    }
}
