package io.dvflow.gateway.admission;

import java.util.Optional;

/** What is known of a DataSource. */
public sealed interface DataSourceState {

    /** The cluster has no such kind. */
    record NotServed() implements DataSourceState {}

    record NotFound() implements DataSourceState {}

    /** @param source what it resolves to; empty if that is not known (yet) */
    record Found(Optional<CloneSource> source) implements DataSourceState {}

    /** An object that a volume can be cloned from. */
    record CloneSource(Kind kind, String namespace, String name) {
        public enum Kind {
            CLAIM,
            SNAPSHOT
        }
    }
}
