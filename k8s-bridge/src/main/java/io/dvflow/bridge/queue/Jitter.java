package io.dvflow.bridge.queue;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Takes up to a quarter off a wait, so that what was scheduled together does not happen together. */
final class Jitter {

    private static final double LARGEST_PART = 0.25;

    private Jitter() {}

    static Duration spread(Duration wait, RandomGenerator random) {
        return Duration.ofMillis(Math.round(wait.toMillis() * (1 - LARGEST_PART * random.nextDouble())));
    }
}
