package io.dvflow.activities.transfer;

import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.EventSink;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.transfer.ByteRate;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collections;
import java.util.Optional;

/**
 * Makes pods read as fast as their object says. The object is read again after a pod was changed, so that of two that do so
 * at once, the one that knows the newest value has the last word.
 */
final class PodRate {

    private static final String INVALID = "InvalidAnnotation";

    private final StatusWriter status;
    private final TransferPods pods;
    private final EventSink events;

    PodRate(TransferActivitiesImpl.Doors doors) {
        this.status = doors.status();
        this.pods = doors.pods();
        this.events = doors.events();
    }

    /** What a new pod is told; empty for no limit, and for an annotation that says nothing that can be followed. */
    static Optional<String> of(DataVolume object) {
        try {
            return annotation(object)
                    .map(ByteRate::parse)
                    .filter(rate -> !rate.isUnlimited())
                    .map(ByteRate::toString);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    void follow(OperationRef ref, Pod seen) {
        Pod pod = seen;
        while (true) {
            DataVolume object = status.read(ref);
            Optional<String> wanted = of(object);
            if (isRefused(object) || wanted.equals(annotation(pod))) {
                return;
            }
            pod = pods.annotate(pod, Collections.singletonMap(TransferAnnotations.RATE_LIMIT, wanted.orElse(null)));
            if (!wanted.equals(annotation(pod))) {
                // It is gone; the next one reads the object itself.
                return;
            }
        }
    }

    /** Says so once; the pod goes on at its rate. */
    private boolean isRefused(DataVolume object) {
        try {
            annotation(object).ifPresent(ByteRate::parse);
            return false;
        } catch (IllegalArgumentException e) {
            events.publish(
                    object,
                    EventNote.warning(
                            INVALID,
                            "Annotation " + DvflowAnnotations.RATE_LIMIT + " is not followed: " + e.getMessage()));
            return true;
        }
    }

    private static Optional<String> annotation(HasMetadata object) {
        return Optional.ofNullable(object.getMetadata().getAnnotations())
                .map(all -> all.get(DvflowAnnotations.RATE_LIMIT));
    }
}
