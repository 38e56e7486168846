package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.source.MarkDistance;

/**
 * How layers are read.
 *
 * @param connections how many ranges of one are fetched at once
 * @param marks how far apart the places are at which one can be taken up
 */
public record Reading(int connections, MarkDistance marks) {}
