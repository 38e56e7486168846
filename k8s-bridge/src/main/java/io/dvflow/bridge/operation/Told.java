package io.dvflow.bridge.operation;

import io.dvflow.workflows.Intent;
import java.time.Instant;
import java.util.Optional;

/**
 * What a running workflow is known to have been told. Lost when the bridge restarts, which costs one update that the
 * workflow refuses without a trace.
 *
 * @param intent the last intent it was told or read itself; empty when not known
 * @param at when that was
 * @param intentChangedAt resource version at which the object's intent was last seen to change
 * @param consumer the last consumer it was told of
 * @param checkpointsAt generation of the object when it was last told to look at its checkpoints
 */
record Told(
        Optional<Intent> intent, Instant at, long intentChangedAt, Optional<Consumer> consumer, long checkpointsAt) {

    static final Told NOTHING = new Told(Optional.empty(), Instant.EPOCH, 0, Optional.empty(), 0);

    Told intentChanged(long version) {
        return new Told(intent, at, Math.max(intentChangedAt, version), consumer, checkpointsAt);
    }

    Told intent(Intent told, Instant now) {
        return new Told(Optional.of(told), now, intentChangedAt, consumer, checkpointsAt);
    }

    Told consumer(Consumer told) {
        return new Told(intent, at, intentChangedAt, Optional.of(told), checkpointsAt);
    }

    Told checkpoints(long generation) {
        return new Told(intent, at, intentChangedAt, consumer, Math.max(checkpointsAt, generation));
    }

    /** Whether it may not know what the object asks now. */
    boolean needs(Intent asked, Instant staleBefore) {
        return intent.isEmpty()
                || !intent.get().asksTheSameAs(asked)
                || intent.get().observedVersion() < intentChangedAt
                || at.isBefore(staleBefore);
    }
}
