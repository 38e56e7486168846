package io.dvflow.bridge.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackoffTest {

    private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60), new Random(7));

    @ParameterizedTest
    @ValueSource(ints = {7, 30, 31, 64, 1000, Integer.MAX_VALUE})
    void neverExceedsItsCeilingHoweverOftenItFailed(int failures) {
        assertThat(backoff.after(failures)).isBetween(Duration.ofSeconds(45), Duration.ofSeconds(60));
    }

    @Test
    void keysThatFailedTogetherDoNotComeBackTogether() {
        assertThat(backoff.after(5)).isNotEqualTo(backoff.after(5));
    }
}
