package io.dvflow.activities;

import java.time.Duration;
import java.util.Optional;

/** How long Temporal waits before it tries again. Pure. */
public final class RetryDelays {

    private static final Duration TRANSIENT_FIRST = Duration.ofSeconds(5);
    private static final Duration TRANSIENT_SLOWEST = Duration.ofMinutes(1);
    private static final Duration CHANGE_FIRST = Duration.ofSeconds(15);
    private static final Duration CHANGE_SLOWEST = Duration.ofMinutes(5);
    private static final Duration WAITING = Duration.ofSeconds(10);

    private RetryDelays() {}

    /**
     * @param failures how often it has failed, this time included; at least 1
     * @param asked the earliest that the other side asked for ({@code Retry-After})
     * @return empty for what is not tried again
     */
    public static Optional<Duration> after(Trouble.Kind kind, int failures, Optional<Duration> asked) {
        return switch (kind) {
            case TRANSIENT -> Optional.of(atLeast(doubled(TRANSIENT_FIRST, failures, TRANSIENT_SLOWEST), asked));
            case NEEDS_CHANGE -> Optional.of(atLeast(doubled(CHANGE_FIRST, failures, CHANGE_SLOWEST), asked));
            case WAITING -> Optional.of(atLeast(WAITING, asked));
            case FINAL, GAVE_UP, OBJECT_GONE, SCRATCH_REQUIRED -> Optional.empty();
        };
    }

    private static Duration doubled(Duration first, int failures, Duration slowest) {
        Duration delay = first;
        for (int i = 1; i < failures && delay.compareTo(slowest) < 0; i++) {
            delay = delay.multipliedBy(2);
        }
        return delay.compareTo(slowest) > 0 ? slowest : delay;
    }

    private static Duration atLeast(Duration delay, Optional<Duration> asked) {
        return asked.filter(least -> least.compareTo(delay) > 0).orElse(delay);
    }
}
