package io.dvflow.dataplane.source.registry;

import java.util.List;

/**
 * One image, for one platform.
 *
 * @param layers lowest first: what a later one holds hides what an earlier one holds
 */
record Manifest(Descriptor config, List<Descriptor> layers) {
    Manifest {
        layers = List.copyOf(layers);
    }
}
