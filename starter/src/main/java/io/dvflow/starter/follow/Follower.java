package io.dvflow.starter.follow;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.cluster.Cluster;
import io.dvflow.starter.cluster.DataVolumeWatch;
import io.dvflow.starter.cluster.Sighting;
import io.dvflow.starter.operation.Operation;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/** Watches one DataVolume until something is so. */
public final class Follower {
    private static final Duration BETWEEN_TICKS = Duration.ofMillis(500);

    private final Cluster cluster;
    private final Clock clock;
    private final Display display;

    public Follower(Cluster cluster, Clock clock, Display display) {
        this.cluster = cluster;
        this.clock = clock;
        this.display = display;
    }

    /**
     * @param start the object as it was read or created
     * @param reached what is waited for
     * @param timeout how long at most; without end when empty
     */
    public Ending follow(DataVolume start, Predicate<Operation> reached, Optional<Duration> timeout) {
        Optional<Instant> deadline = timeout.map(clock.instant()::plus);
        try (DataVolumeWatch watch = cluster.watch(start)) {
            return follow(watch, start, reached, deadline);
        } finally {
            display.end();
        }
    }

    private Ending follow(
            DataVolumeWatch watch, DataVolume start, Predicate<Operation> reached, Optional<Instant> deadline) {
        DataVolume last = start;
        while (deadline.isEmpty() || clock.instant().isBefore(deadline.get())) {
            switch (watch.next(patience(deadline)).orElse(null)) {
                case Sighting.Gone() -> {
                    return new Ending.Gone();
                }
                case Sighting.Seen(DataVolume seen) -> {
                    last = seen;
                    Operation operation = Operation.of(seen);
                    display.show(seen, operation, clock.instant());
                    if (reached.test(operation)) {
                        return new Ending.Reached(seen);
                    }
                }
                case null -> display.tick(clock.instant());
            }
        }
        return new Ending.TimedOut(last);
    }

    private Duration patience(Optional<Instant> deadline) {
        Duration left =
                deadline.map(end -> Duration.between(clock.instant(), end)).orElse(BETWEEN_TICKS);
        return left.compareTo(BETWEEN_TICKS) < 0 ? left : BETWEEN_TICKS;
    }
}
