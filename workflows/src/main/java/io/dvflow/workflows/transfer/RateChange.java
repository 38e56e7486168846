package io.dvflow.workflows.transfer;

import java.util.Optional;

/**
 * That a source is to be read at another rate.
 *
 * @param asked what somebody asked for in Temporal, as the object's annotation is to say it; empty if the annotation was
 *     changed and is to be followed
 */
public record RateChange(Optional<String> asked) {

    /** The object says how fast. */
    public static final RateChange AS_THE_OBJECT_SAYS = new RateChange(Optional.empty());

    public RateChange {
        asked = asked == null ? Optional.empty() : asked;
    }
}
