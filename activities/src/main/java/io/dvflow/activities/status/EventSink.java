package io.dvflow.activities.status;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Where events go. */
@FunctionalInterface
public interface EventSink {

    /** Tells of an object; the same note about the same object is told once, however often it is published. */
    void publish(HasMetadata regarding, EventNote note);
}
