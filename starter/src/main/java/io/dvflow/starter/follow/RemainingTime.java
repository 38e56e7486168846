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
    private static final Duration LEAST = Duration.ofSeconds(1);

    private Instant since = Instant.EPOCH;
    private Instant latestAt = Instant.EPOCH;
    private double from = Double.NaN;
    private double latest;

    void seen(double percent, Instant now) {
        if (Double.isNaN(from) || percent < latest) {
            since = now;
            from = percent;
        }
        if (percent != latest) {
            latestAt = now;
        }
        latest = percent;
    }

    /** Counted down between two sightings; empty while there is too little to go by. */
    Optional<Duration> estimate(Instant now) {
        Duration basis = Duration.between(since, latestAt);
        double gained = latest - from;
        if (Double.isNaN(from) || gained <= 0 || basis.compareTo(SHORTEST_BASIS) < 0 || latest >= 100) {
            return Optional.empty();
        }
        double millisEach = basis.toMillis() / gained;
        Duration left = Duration.ofMillis((long) (millisEach * (100 - latest))).minus(Duration.between(latestAt, now));
        return Optional.of(left.compareTo(LEAST) < 0 ? LEAST : left);
    }
}
