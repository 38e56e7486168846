package io.dvflow.workflows.import_;

import java.time.Duration;

/**
 * How long to wait before looking again at what somebody should have told about: the bridge says when a consumer or a
 * checkpoint appears, so this only mends a message that was lost. Longer each time, as each look stands in the history.
 */
final class Recheck {

    private static final Duration SLOWEST = Duration.ofHours(1);

    private Duration next = Duration.ofMinutes(5);

    Duration next() {
        Duration now = next;
        Duration doubled = now.multipliedBy(2);
        next = doubled.compareTo(SLOWEST) > 0 ? SLOWEST : doubled;
        return now;
    }
}
