package io.dvflow.starter.cluster;

import io.dvflow.api.v1beta1.DataVolume;

/** What a watch of one DataVolume has to tell. */
public sealed interface Sighting {
    record Seen(DataVolume dataVolume) implements Sighting {}

    /** It was deleted, or another one has its name now. */
    record Gone() implements Sighting {}
}
