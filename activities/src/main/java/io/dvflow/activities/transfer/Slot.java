package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The place among the running transfers that an attempt holds: not for long while nothing runs. */
final class Slot {

    private final Duration keep;
    private final Clock clock;
    private final long takenNanos = System.nanoTime();

    Slot(Duration keep, Clock clock) {
        this.keep = keep;
        this.clock = clock;
    }

    Duration heldFor() {
        return Duration.ofNanos(System.nanoTime() - takenNanos);
    }

    /** @throws Trouble {@code Waiting}, if the attempt has waited for long */
    void giveBackAfterLong(String reason, String message) {
        giveBack(heldFor(), reason, message);
    }

    /** @throws Trouble {@code Waiting}, if it has been so for long */
    void giveBackIfSoSince(Instant since, String reason, String message) {
        giveBack(Duration.between(since, clock.instant()), reason, message);
    }

    private void giveBack(Duration waited, String reason, String message) {
        if (waited.compareTo(keep) > 0) {
            throw Trouble.of(Trouble.Kind.WAITING, reason, message);
        }
    }
}
