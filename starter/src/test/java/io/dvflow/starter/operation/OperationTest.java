package io.dvflow.starter.operation;

import static io.dvflow.starter.operation.DataVolumes.fedora;
import static io.dvflow.starter.operation.DataVolumes.in;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationTest {
    @Test
    void anObjectWithoutStatusIsNew() {
        var bare = new DataVolume();
        bare.setMetadata(
                new ObjectMetaBuilder().withNamespace("vms").withName("bare").build());

        Operation operation = Operation.of(bare);

        assertThat(operation.phase()).isEqualTo(DataVolumePhase.NEW);
        assertThat(operation.standing()).isEqualTo(Standing.OPEN);
        assertThat(operation.claim()).isEqualTo("bare");
        assertThat(operation.progress()).isEqualTo("N/A");
        assertThat(operation.workflowId()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"succeeded,SUCCEEDED", "failed,FAILED", "cancelled,CANCELLED", "gave-up,GAVE_UP"})
    void theOutcomeAnnotationEndsAnOperationWhateverItsPhase(String outcome, Standing standing) {
        assertThat(in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .annotation(DvflowAnnotations.OUTCOME, outcome)
                        .operation()
                        .standing())
                .isEqualTo(standing);
    }

    @Test
    void whatWasGivenUpShowsPhaseFailedButIsNotHopeless() {
        assertThat(in(DataVolumePhase.FAILED)
                        .annotation(DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_GAVE_UP)
                        .operation()
                        .standing())
                .isEqualTo(Standing.GAVE_UP);
    }

    @ParameterizedTest
    @CsvSource({
        "https://images.example/a.qcow2,https://images.example/a.qcow2",
        "https://bob:secret@images.example/a.qcow2,https://images.example/a.qcow2",
        "https://images.example/a.qcow2?token=secret,https://images.example/a.qcow2?...",
        "http://h/p@q,http://h/p@q"
    })
    void credentialsWithinAnAddressAreNotShown(String url, String shown) {
        assertThat(fedora().url(url).operation().address()).contains(shown);
    }

    @Test
    void theWorkflowIdIsDerivedUntilTheObjectTellsIt() {
        assertThat(fedora().operation().workflowId()).contains("import/vms/fedora/" + DataVolumes.UID);
        assertThat(fedora().annotation(DvflowAnnotations.WORKFLOW_ID, "import/x")
                        .operation()
                        .workflowId())
                .contains("import/x");
    }

    @ParameterizedTest
    @CsvSource({"N/A,", "42.00%,42", "100.0%,100", "strange,"})
    void progressIsReadWhereItIsANumber(String written, Double percent) {
        var read = fedora().progress(written).operation().percent();

        assertThat(read.isPresent() ? read.getAsDouble() : null).isEqualTo(percent);
    }

    @Test
    void waitingForAPodIsNoTrouble() {
        assertThat(in(DataVolumePhase.IMPORT_SCHEDULED)
                        .running("False", "ContainerCreating", "creating")
                        .condition(ConditionTypes.BOUND, "False", Reasons.PENDING, "PVC fedora Pending")
                        .operation()
                        .trouble())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"Paused,Paused on request", "Cancelled,Cancelled on request", "Completed,Import Complete"})
    void whatWasAskedForIsNoTrouble(String reason, String message) {
        assertThat(in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .running("False", reason, message)
                        .operation()
                        .trouble())
                .isEmpty();
    }

    @Test
    void aPodThatCannotBeScheduledIsTrouble() {
        assertThat(in(DataVolumePhase.IMPORT_SCHEDULED)
                        .running("False", Reasons.UNSCHEDULABLE, "Importer pod cannot be scheduled")
                        .operation()
                        .trouble())
                .contains("Importer pod cannot be scheduled");
    }

    @Test
    void aPauseShowsInThePhaseOrInTheRunningCondition() {
        assertThat(in(DataVolumePhase.PAUSED).operation().showsPaused()).isTrue();
        assertThat(in(DataVolumePhase.IMPORT_IN_PROGRESS)
                        .running("False", Operation.REASON_PAUSED, "")
                        .operation()
                        .standing())
                .isEqualTo(Standing.PAUSED);
    }
}
