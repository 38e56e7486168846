package io.dvflow.starter.follow;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.starter.operation.Operation;
import java.time.Instant;

/** Shows what a follower sees. */
public interface Display {
    /** The object as it is now. */
    void show(DataVolume dataVolume, Operation operation, Instant now);

    /** Time has passed, nothing else. */
    default void tick(Instant now) {}

    /** Nothing more comes. */
    default void end() {}
}
