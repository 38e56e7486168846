package io.dvflow.bridge.queue;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a key waits after its n-th failure in a row: doubled each time up to a ceiling, with a random part taken
 * off, so that keys that failed together do not come back together.
 *
 * @param initial wait after the first failure
 * @param ceiling no wait is longer
 * @param random source of the random part
 */
public record Backoff(Duration initial, Duration ceiling, RandomGenerator random) {

    private static final int LONGEST_SHIFT = 30;

    public Duration after(int failures) {
        long doubled = initial.toMillis() << Math.min(Math.max(failures - 1, 0), LONGEST_SHIFT);
        return Jitter.spread(Duration.ofMillis(Math.min(doubled, ceiling.toMillis())), random);
    }
}
