package io.dvflow.activities.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class StatusEventsTest {

    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");
    private static final DataVolumeStatus RUNNING = OwnedStatus.after(
            null,
            StatusChange.none()
                    .phase(DataVolumePhase.IMPORT_IN_PROGRESS)
                    .claimName("fedora")
                    .bound(Aspect.pending("fedora"))
                    .running(Aspect.podIsRunning()),
            NOW);

    @Test
    void aNewPhaseIsTold() {
        assertThat(StatusEvents.between(
                        RUNNING,
                        OwnedStatus.after(
                                RUNNING,
                                StatusChange.none()
                                        .phase(DataVolumePhase.SUCCEEDED)
                                        .bound(Aspect.bound("fedora"))
                                        .running(Aspect.completed("Import Complete")),
                                NOW)))
                .containsExactly(
                        EventNote.normal("ImportSucceeded", "Successfully imported into PVC fedora"),
                        EventNote.normal("Bound", "PVC fedora Bound"));
    }

    @Test
    void aNewProblemIsToldOnceAsAWarning() {
        DataVolumeStatus failed =
                OwnedStatus.after(RUNNING, StatusChange.none().running(Aspect.not("Error", "404 Not Found")), NOW);

        assertThat(StatusEvents.between(RUNNING, failed)).containsExactly(EventNote.warning("Error", "404 Not Found"));
        assertThat(StatusEvents.between(failed, failed)).isEmpty();
    }

    @Test
    void whatWasAskedForIsNoWarning() {
        DataVolumeStatus paused = OwnedStatus.after(
                RUNNING,
                StatusChange.none()
                        .phase(DataVolumePhase.PAUSED)
                        .running(Aspect.not(DvflowReasons.PAUSED, "Paused on request")),
                NOW);

        assertThat(StatusEvents.between(RUNNING, paused))
                .containsExactly(EventNote.normal("ImportPaused", "Import into fedora paused"));
    }

    @Test
    void progressIsNoEvent() {
        assertThat(StatusEvents.between(
                        RUNNING, OwnedStatus.after(RUNNING, StatusChange.none().progress("50.00%"), NOW)))
                .isEmpty();
    }
}
