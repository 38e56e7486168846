package io.dvflow.activities.finish;

import io.dvflow.activities.ActivityBoundary;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.status.DataVolumeStore;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.activities.transfer.TransferPods;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.transfer.TransferReceipt;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** See {@link FinishActivities}. */
public final class FinishActivitiesImpl implements FinishActivities {

    private static final int MOST_CONFLICTS = 8;

    private final DataVolumeStore objects;
    private final Success success;
    private final Abandonment abandonment;
    private final StatusWriter status;

    public FinishActivitiesImpl(DataVolumeStore objects, StatusWriter status, ClaimStore claims, TransferPods pods) {
        this.objects = objects;
        this.status = status;
        this.success = new Success(status, claims, pods);
        this.abandonment = new Abandonment(status, claims, pods);
    }

    @Override
    public void succeed(OperationRef object, ImportPlan plan, Optional<TransferReceipt> receipt) {
        ActivityBoundary.run("Writing success", object, trouble -> status.showTrouble(object, trouble), () -> {
            Optional<DataVolume> found = objects.find(object);
            DataVolume shown = found.filter(FinishActivitiesImpl::hasSucceeded)
                    .orElseGet(() -> success.show(status.requireOpen(object, found), plan, receipt));
            return release(object, Optional.of(shown), Optional.of(Outcome.SUCCEEDED));
        });
    }

    @Override
    public void abandon(OperationRef object, Outcome outcome, String message) {
        ActivityBoundary.run("Cleaning up", object, trouble -> {}, () -> {
            abandonment.removeRemains(object);
            Optional<DataVolume> found = objects.find(object);
            if (outcome == Outcome.OBJECT_GONE
                    || found.filter(FinishActivitiesImpl::mayBeTold).isEmpty()) {
                return release(object, found, Optional.empty());
            }
            DataVolume open = found.orElseThrow();
            DataVolume shown = StatusWriter.hasEnded(open) ? open : abandonment.show(open, outcome, message);
            return release(object, Optional.of(shown), Optional.of(hasSucceeded(shown) ? Outcome.SUCCEEDED : outcome));
        });
    }

    /** The terminal phase was written by an attempt whose answer was lost. */
    private static boolean hasSucceeded(DataVolume object) {
        return DataVolumePhase.of(object) == DataVolumePhase.SUCCEEDED;
    }

    private static boolean mayBeTold(DataVolume object) {
        return object.getMetadata().getDeletionTimestamp() == null;
    }

    /** The last act: from here on the object can go, and is never started again. */
    private Optional<DataVolume> release(OperationRef object, Optional<DataVolume> known, Optional<Outcome> outcome) {
        Optional<DataVolume> seen = known;
        for (int conflicts = 0; ; conflicts++) {
            if (seen.isEmpty() || isReleased(seen.get(), outcome)) {
                return seen;
            }
            try {
                return Optional.of(objects.patchMetadata(
                        seen.get(), outcomeAnnotation(seen.get(), outcome), withoutOurs(seen.get())));
            } catch (Conflict e) {
                if (conflicts == MOST_CONFLICTS) {
                    throw e;
                }
                seen = objects.find(object);
            }
        }
    }

    private static boolean isReleased(DataVolume object, Optional<Outcome> outcome) {
        return withoutOurs(object).equals(finalizers(object))
                && (outcome.isEmpty() || StatusWriter.outcomeOf(object).isPresent());
    }

    private static Map<String, String> outcomeAnnotation(DataVolume object, Optional<Outcome> outcome) {
        // The first outcome stands: an operation ends once.
        return outcome.filter(any -> StatusWriter.outcomeOf(object).isEmpty())
                .map(end -> Map.of(DvflowAnnotations.OUTCOME, end.wireName()))
                .orElse(Map.of());
    }

    private static List<String> withoutOurs(DataVolume object) {
        return finalizers(object).stream()
                .filter(finalizer -> !finalizer.equals(Finalizers.OPERATION))
                .toList();
    }

    private static List<String> finalizers(DataVolume object) {
        return Optional.ofNullable(object.getMetadata().getFinalizers()).orElse(List.of());
    }
}
