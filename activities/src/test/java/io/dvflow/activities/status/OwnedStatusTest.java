package io.dvflow.activities.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.dvflow.activities.Given;
import io.dvflow.api.v1beta1.DataVolumeCondition;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnedStatusTest {

    private static final Instant THEN = Instant.parse("2026-01-01T10:00:00Z");
    private static final Instant NOW = Instant.parse("2026-01-01T10:00:05.250Z");

    @Test
    void theFirstChangeMakesTheWholeSet() {
        DataVolumeStatus status = OwnedStatus.after(
                null,
                StatusChange.none()
                        .phase(DataVolumePhase.PENDING)
                        .claimName("fedora")
                        .bound(Aspect.pending("fedora")),
                NOW);

        assertThat(status.phase()).isEqualTo("Pending");
        assertThat(status.progress()).isEqualTo("N/A");
        assertThat(status.restartCount()).isZero();
        assertThat(status.conditions())
                .extracting(
                        DataVolumeCondition::type,
                        DataVolumeCondition::status,
                        DataVolumeCondition::reason,
                        DataVolumeCondition::message,
                        DataVolumeCondition::lastTransitionTime)
                .containsExactly(
                        tuple("Bound", "False", "Pending", "PVC fedora Pending", "2026-01-01T10:00:05Z"),
                        tuple("Ready", "False", "", "", "2026-01-01T10:00:05Z"),
                        tuple("Running", "False", "", "", "2026-01-01T10:00:05Z"));
    }

    @Test
    void whileThePodRunsReadySaysSo() {
        DataVolumeStatus status = OwnedStatus.after(
                null,
                StatusChange.none().phase(DataVolumePhase.IMPORT_IN_PROGRESS).running(Aspect.podIsRunning()),
                NOW);

        assertThat(OwnedStatus.aspect(status, "Ready")).contains(new Aspect("False", "TransferRunning", ""));
        assertThat(OwnedStatus.aspect(status, "Running")).contains(new Aspect("True", "Pod is running", ""));
    }

    @Test
    void successIsReadyAndNotRunning() {
        DataVolumeStatus status = OwnedStatus.after(
                null,
                StatusChange.none().phase(DataVolumePhase.SUCCEEDED).running(Aspect.completed("Import Complete")),
                NOW);

        assertThat(OwnedStatus.aspect(status, "Ready").orElseThrow().status()).isEqualTo("True");
        assertThat(OwnedStatus.aspect(status, "Running")).contains(new Aspect("False", "Completed", "Import Complete"));
    }

    @Test
    void sayingTheSameAgainIsNoChange() {
        StatusChange change = StatusChange.none().phase(DataVolumePhase.PENDING).bound(Aspect.pending("fedora"));
        DataVolumeStatus before = OwnedStatus.after(null, change, THEN);

        assertThat(OwnedStatus.after(before, change, NOW)).isEqualTo(before);
    }

    @Test
    void theHeartbeatMovesWithTheMessageAndTheTransitionWithTheStatus() {
        DataVolumeStatus before =
                OwnedStatus.after(null, StatusChange.none().running(Aspect.not("Error", "one thing")), THEN);
        DataVolumeStatus after =
                OwnedStatus.after(before, StatusChange.none().running(Aspect.not("Error", "another")), NOW);

        DataVolumeCondition running = after.conditions().get(2);
        assertThat(running.lastTransitionTime()).isEqualTo("2026-01-01T10:00:00Z");
        assertThat(running.lastHeartbeatTime()).isEqualTo("2026-01-01T10:00:05Z");
    }

    @Test
    void restartsNeverCountDown() {
        DataVolumeStatus before = OwnedStatus.after(null, StatusChange.none().restarts(3), THEN);

        assertThat(OwnedStatus.after(before, StatusChange.none().restarts(1), NOW)
                        .restartCount())
                .isEqualTo(3);
    }

    @Test
    void theBridgesConditionIsNotOurs() {
        DataVolumeStatus shown = Given.yaml("""
                phase: ImportInProgress
                conditions:
                - {type: WorkflowEngineAvailable, status: "False", reason: NoWorkers, message: none}
                - {type: Bound, status: "True", reason: Bound, message: PVC fedora Bound}
                """, DataVolumeStatus.class);

        assertThat(OwnedStatus.of(shown).conditions())
                .extracting(DataVolumeCondition::type)
                .containsExactly("Bound");
    }

    @Test
    void noStatusIsAnEmptyOne() {
        assertThat(OwnedStatus.of(null).conditions()).isEqualTo(List.of());
    }
}
