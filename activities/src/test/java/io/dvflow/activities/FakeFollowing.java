package io.dvflow.activities;

import io.dvflow.activities.kubernetes.Following;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;
import java.util.function.Supplier;

/** Always current. */
record FakeFollowing<T extends HasMetadata>(Supplier<Optional<T>> state) implements Following<T> {

    @Override
    public Optional<T> latest() {
        return state.get();
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public void created(T object) {
        // Seen at once.
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
