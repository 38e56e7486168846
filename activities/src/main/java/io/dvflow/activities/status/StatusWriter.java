package io.dvflow.activities.status;

import io.dvflow.activities.Trouble;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the object and shows on it what an operation does. Refuses what an attempt that has lost touch with Temporal
 * might still want to write: nothing is written to an object that has ended, or over a later attempt.
 */
public final class StatusWriter {

    /** The bridge and users write to the object too; more often than this in a row, something is badly wrong. */
    private static final int MOST_CONFLICTS = 8;

    private final DataVolumeStore objects;
    private final EventSink events;
    private final Clock clock;

    public StatusWriter(DataVolumeStore objects, EventSink events, Clock clock) {
        this.objects = objects;
        this.events = events;
        this.clock = clock;
    }

    /** The object, if the operation may still work on it; otherwise the trouble says why not. */
    public DataVolume read(OperationRef object) {
        return requireOpen(object, objects.find(object));
    }

    /** As {@link #read}, of what has been read already. */
    public DataVolume requireOpen(OperationRef object, Optional<DataVolume> found) {
        DataVolume seen =
                found.orElseThrow(() -> Trouble.objectGone(wordsFor(object) + " is gone, or another has its name"));
        if (seen.getMetadata().getDeletionTimestamp() != null) {
            throw Trouble.objectGone(wordsFor(object) + " is being deleted");
        }
        if (hasEnded(seen)) {
            throw Trouble.objectGone(wordsFor(object) + " has ended already, as " + endOf(seen));
        }
        return seen;
    }

    /** Shows a change, unless it is shown already; tells the events that belong to it. */
    public DataVolume write(DataVolume seen, StatusChange change) {
        DataVolume current = seen;
        for (int conflicts = 0; ; conflicts++) {
            refuseIfSuperseded(current, change);
            DataVolumeStatus before = OwnedStatus.of(current.getStatus());
            DataVolumeStatus after = OwnedStatus.after(current.getStatus(), change, clock.instant());
            if (after.equals(before)) {
                return current;
            }
            try {
                DataVolume written = objects.applyStatus(current, after);
                StatusEvents.between(before, after).forEach(note -> events.publish(written, note));
                return written;
            } catch (Conflict e) {
                if (conflicts == MOST_CONFLICTS) {
                    throw e;
                }
                current = read(refOf(seen));
            }
        }
    }

    /** Adds annotations; the finalizers stay as they are. */
    public DataVolume annotate(DataVolume seen, Map<String, String> annotations) {
        List<String> finalizers =
                Optional.ofNullable(seen.getMetadata().getFinalizers()).orElse(List.of());
        return objects.patchMetadata(seen, annotations, finalizers);
    }

    /** Shows what keeps a step from going on; nothing while it is only the API server, or a moment. */
    public void showTrouble(OperationRef object, Trouble trouble) {
        if (trouble.kind() != Trouble.Kind.NEEDS_CHANGE && trouble.kind() != Trouble.Kind.WAITING) {
            return;
        }
        DataVolume seen = read(object);
        Aspect problem = Aspect.not(trouble.reason(), trouble.getMessage());
        DataVolumePhase phase = DataVolumePhase.of(seen);
        write(
                seen,
                StatusChange.none()
                        .phase(phase == DataVolumePhase.NEW ? DataVolumePhase.PENDING : phase)
                        .bound(problem)
                        .running(problem));
    }

    public static OperationRef refOf(DataVolume object) {
        return new OperationRef(
                object.getMetadata().getNamespace(),
                object.getMetadata().getName(),
                object.getMetadata().getUid(),
                object instanceof AnnotatedClaim ? Optional.of(OperationRef.Kind.CLAIM) : Optional.empty());
    }

    private static String wordsFor(OperationRef object) {
        return switch (object.theKind()) {
            case DATA_VOLUME -> "DataVolume " + object;
            case CLAIM -> "Claim " + object;
        };
    }

    /** Whether phase or outcome say that it is over. */
    public static boolean hasEnded(DataVolume object) {
        return DataVolumePhase.of(object).isTerminal() || outcomeOf(object).isPresent();
    }

    public static Optional<String> outcomeOf(DataVolume object) {
        return Optional.ofNullable(object.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(DvflowAnnotations.OUTCOME));
    }

    private static String endOf(DataVolume object) {
        return outcomeOf(object).orElseGet(() -> DataVolumePhase.of(object).wireName());
    }

    private static void refuseIfSuperseded(DataVolume current, StatusChange change) {
        int shown = Optional.ofNullable(current.getStatus())
                .map(DataVolumeStatus::restartCount)
                .orElse(0);
        change.restarts().filter(restarts -> restarts < shown).ifPresent(restarts -> {
            throw Trouble.of(
                    Trouble.Kind.TRANSIENT,
                    "Superseded",
                    "A later attempt (" + shown + " restarts) has written to " + refOf(current) + "; this one counted "
                            + restarts);
        });
    }
}
