package io.dvflow.starter.follow;

import io.dvflow.api.v1beta1.DataVolume;

/** How following came to an end. */
public sealed interface Ending {
    /** What was waited for has come. */
    record Reached(DataVolume dataVolume) implements Ending {}

    /** The object was deleted meanwhile. */
    record Gone() implements Ending {}

    /** @param last as it was last seen */
    record TimedOut(DataVolume last) implements Ending {}
}
