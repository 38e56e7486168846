package io.dvflow.activities.status;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.EventReasons;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which events a change of an import's status is worth, as CDI's clients know them. Pure. */
public final class StatusEvents {

    /** Not running, but nothing is wrong. */
    private static final Set<String> NOTHING_WRONG =
            Set.of(DvflowReasons.PAUSED, DvflowReasons.CANCELLED, Reasons.SCRATCH_SPACE_REQUIRED);

    private static final Set<String> ON_ITS_WAY = Set.of(Reasons.PENDING, Reasons.CREATING_SCRATCH_SPACE);

    private StatusEvents() {}

    public static List<EventNote> between(DataVolumeStatus before, DataVolumeStatus after) {
        List<EventNote> notes = new ArrayList<>();
        phaseEvent(before, after).ifPresent(notes::add);
        boundEvent(before, after).ifPresent(notes::add);
        troubleEvent(before, after).ifPresent(notes::add);
        return List.copyOf(notes);
    }

    private static Optional<EventNote> phaseEvent(DataVolumeStatus before, DataVolumeStatus after) {
        DataVolumePhase phase = DataVolumePhase.of(after.phase());
        if (phase == DataVolumePhase.of(before.phase())) {
            return Optional.empty();
        }
        String claim = after.claimName();
        return switch (phase) {
            case IMPORT_SCHEDULED ->
                Optional.of(EventNote.normal(EventReasons.IMPORT_SCHEDULED, "Import into " + claim + " scheduled"));
            case IMPORT_IN_PROGRESS ->
                Optional.of(EventNote.normal(EventReasons.IMPORT_IN_PROGRESS, "Import into " + claim + " in progress"));
            case PAUSED ->
                Optional.of(EventNote.normal(EventReasons.IMPORT_PAUSED, "Import into " + claim + " paused"));
            case SUCCEEDED ->
                Optional.of(EventNote.normal(EventReasons.IMPORT_SUCCEEDED, "Successfully imported into PVC " + claim));
            case FAILED ->
                Optional.of(EventNote.warning(EventReasons.IMPORT_FAILED, "Failed to import into PVC " + claim));
            default -> Optional.empty();
        };
    }

    private static Optional<EventNote> boundEvent(DataVolumeStatus before, DataVolumeStatus after) {
        return changed(before, after, ConditionTypes.BOUND)
                // What is wrong is told once, by the Running condition's event.
                .filter(bound -> bound.isTrue() || ON_ITS_WAY.contains(bound.reason()))
                .map(bound -> EventNote.normal(bound.reason(), bound.message()));
    }

    private static Optional<EventNote> troubleEvent(DataVolumeStatus before, DataVolumeStatus after) {
        if (DataVolumePhase.of(after.phase()) == DataVolumePhase.SUCCEEDED) {
            return Optional.empty();
        }
        return changed(before, after, ConditionTypes.RUNNING)
                .filter(running -> !running.isTrue() && !running.message().isEmpty())
                .filter(running -> !NOTHING_WRONG.contains(running.reason()))
                .map(running -> EventNote.warning(running.reason(), running.message()));
    }

    private static Optional<Aspect> changed(DataVolumeStatus before, DataVolumeStatus after, String type) {
        return OwnedStatus.aspect(after, type).filter(now -> !now.saysTheSameAs(OwnedStatus.aspect(before, type)));
    }
}
