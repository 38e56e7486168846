package io.dvflow.starter.follow;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Estimates when a transfer is done from how fast its percentage has grown since it was first seen. A new attempt,
 * which may start lower, starts the estimate anew.
 */
final class RemainingTime {
    private static final Duration SHORTEST_BASIS = Duration.ofSeconds(3);

    private Instant since = Instant.EPOCH;
    private double from = Double.NaN;
    private double latest;

    void seen(double percent, Instant now) {
        if (Double.isNaN(from) || percent < latest) {
            since = now;
            from = percent;
        }
        latest = percent;
    }

    /** Empty while there is too little to go by. */
    Optional<Duration> estimate(Instant now) {
        Duration basis = Duration.between(since, now);
        double gained = latest - from;
        if (Double.isNaN(from) || gained <= 0 || basis.compareTo(SHORTEST_BASIS) < 0 || latest >= 100) {
            return Optional.empty();
        }
        double secondsEach = basis.toMillis() / 1000.0 / gained;
        return Optional.of(Duration.ofMillis((long) (secondsEach * (100 - latest) * 1000)));
    }
}
