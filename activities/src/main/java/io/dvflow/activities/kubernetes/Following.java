package io.dvflow.activities.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Optional;

/** One object, kept up to date by a watch. */
public interface Following<T extends HasMetadata> extends AutoCloseable {

    /** The object as last seen; empty when there is none. */
    Optional<T> latest();

    /** Whether {@link #latest} is kept up to date right now; false while the API server is away. */
    boolean isCurrent();

    /** Tells of an object that was just created and that the watch may not show yet. */
    void created(T object);

    @Override
    void close();
}
