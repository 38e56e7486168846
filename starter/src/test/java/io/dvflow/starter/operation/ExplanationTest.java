package io.dvflow.starter.operation;

import static io.dvflow.starter.operation.DataVolumes.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.dvflow.api.Annotations;
import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExplanationTest {
    private static final Hints HINTS = new Hints("dvflow");
    private static final String WORKS = null;

    @ParameterizedTest
    @MethodSource
    void eachPhaseSaysWhatItDoesWhyItWaitsAndWhatComesNext(
            DataVolumes dataVolume, String doing, String waitingFor, String next) {
        assertExplained(dataVolume, doing, waitingFor, next);
    }

    static Stream<Arguments> eachPhaseSaysWhatItDoesWhyItWaitsAndWhatComesNext() {
        return Stream.of(
                arguments(in(DataVolumePhase.NEW), "object is new", "start its workflow", "fedora-claim is planned"),
                arguments(in(DataVolumePhase.PENDING), "volume for claim", "provisioner", "as soon as the volume"),
                arguments(in(DataVolumePhase.WAIT_FOR_FIRST_CONSUMER), "Nothing", "a pod that uses claim", "annotate"),
                arguments(in(DataVolumePhase.PENDING_POPULATION), "Nothing", "a pod that uses claim", "annotate"),
                arguments(in(DataVolumePhase.PVC_BOUND), "being prepared", "pod to be created", "image is transferred"),
                arguments(in(DataVolumePhase.IMPORT_SCHEDULED), "Starting", "scheduled", "image is transferred"),
                arguments(
                        transferring(DataVolumePhase.IMPORT_IN_PROGRESS).progress("42.00%"),
                        "image from https://images.example/fedora.qcow2, 42.00% done",
                        WORKS,
                        "handed over"),
                arguments(in(DataVolumePhase.UPLOAD_SCHEDULED), "upload server", "become ready", "can send"),
                arguments(in(DataVolumePhase.UPLOAD_READY), "Ready to receive", "a client to send", "handed over"),
                arguments(in(DataVolumePhase.CLONE_SCHEDULED), "Preparing to clone", "source to be free", "copied"),
                arguments(transferring(DataVolumePhase.CLONE_IN_PROGRESS), "Cloning", WORKS, "handed over"),
                arguments(in(DataVolumePhase.SNAPSHOT_FOR_SMART_CLONE_IN_PROGRESS), "snapshot of", WORKS, "made from"),
                arguments(in(DataVolumePhase.CLONE_FROM_SNAPSHOT_SOURCE_IN_PROGRESS), "from a snap", WORKS, "to size"),
                arguments(in(DataVolumePhase.SMART_CLONE_PVC_IN_PROGRESS), "from a snapshot", WORKS, "to size"),
                arguments(in(DataVolumePhase.CSI_CLONE_IN_PROGRESS), "storage clones", WORKS, "to size"),
                arguments(in(DataVolumePhase.EXPANSION_IN_PROGRESS), "Growing", WORKS, "given to claim"),
                arguments(in(DataVolumePhase.NAMESPACE_TRANSFER_IN_PROGRESS), "namespace vms", WORKS, "given to claim"),
                arguments(in(DataVolumePhase.PREP_CLAIM_IN_PROGRESS), "to its size", WORKS, "given to claim"),
                arguments(in(DataVolumePhase.REBIND_IN_PROGRESS), "Handing the filled volume", WORKS, "Succeeded"),
                arguments(in(DataVolumePhase.PAUSED).checkpoint(), "two stages", "next checkpoint", "since the last"),
                arguments(in(DataVolumePhase.SUCCEEDED), "complete in claim fedora-claim", WORKS, "can use the claim"),
                arguments(in(DataVolumePhase.FAILED), "failed for good", WORKS, "create it anew"),
                arguments(in(DataVolumePhase.UNKNOWN), "Not known", "state of claim", "kubectl describe"));
    }

    @Test
    void theTableNamesEveryPhase() {
        assertThat(eachPhaseSaysWhatItDoesWhyItWaitsAndWhatComesNext()
                        .map(row -> ((DataVolumes) row.get()[0]).operation().phase()))
                .containsExactlyInAnyOrder(DataVolumePhase.values());
    }

    @ParameterizedTest
    @MethodSource
    void whatIsAskedOrWrongGoesBeforeThePhase(DataVolumes dataVolume, String doing, String waitingFor, String next) {
        assertExplained(dataVolume, doing, waitingFor, next);
    }

    static Stream<Arguments> whatIsAskedOrWrongGoesBeforeThePhase() {
        return Stream.of(
                arguments(
                        in(DataVolumePhase.NEW).running("False", Reasons.ERROR, "no default storage class"),
                        "claim cannot be planned",
                        "no default storage class.",
                        "'dvflow retry -n vms fedora'"),
                arguments(
                        in(DataVolumePhase.NEW).annotation(DvflowAnnotations.WORKFLOW_ID, "import/vms/fedora/1"),
                        "workflow has started",
                        "the plan",
                        "is created"),
                arguments(
                        in(DataVolumePhase.PENDING)
                                .condition(ConditionTypes.BOUND, "False", Reasons.PENDING, "PVC fedora-claim Pending"),
                        "volume for claim",
                        "PVC fedora-claim Pending.",
                        "as soon as"),
                arguments(
                        in(DataVolumePhase.PENDING)
                                .condition(ConditionTypes.BOUND, "False", Reasons.ERR_EXCEEDED_QUOTA, "exceeded quota"),
                        "volume for claim",
                        "exceeded quota.",
                        "once that is put right"),
                arguments(
                        in(DataVolumePhase.IMPORT_SCHEDULED).running("False", "ContainerCreating", ""),
                        "Starting",
                        "its container to start (ContainerCreating).",
                        "image is transferred"),
                arguments(
                        in(DataVolumePhase.IMPORT_IN_PROGRESS)
                                .restarts(2)
                                .running("False", Reasons.ERROR, "expected status code 200, got 404"),
                        "Transferring the image",
                        "(number 2) ended with: expected status code 200, got 404.",
                        "'dvflow cancel -n vms fedora' gives up"),
                arguments(
                        transferring(DataVolumePhase.IMPORT_IN_PROGRESS).blank(),
                        "Making an empty disk",
                        WORKS,
                        "handed"),
                arguments(
                        in(DataVolumePhase.IMPORT_IN_PROGRESS)
                                .condition(
                                        ConditionTypes.WORKFLOW_ENGINE_AVAILABLE, "False", "Unreachable", "no pollers"),
                        "Transferring the image",
                        "cannot be reached: no pollers.",
                        "nothing is lost"),
                arguments(
                        transferring(DataVolumePhase.IMPORT_IN_PROGRESS).annotation(DvflowAnnotations.PAUSED, "true"),
                        "Transferring the image",
                        "the pause that was asked for",
                        "'dvflow resume -n vms fedora'"),
                arguments(
                        in(DataVolumePhase.PAUSED)
                                .annotation(DvflowAnnotations.PAUSED, "true")
                                .progress("42.00%"),
                        "Paused by request, 42.00% done",
                        "'dvflow resume -n vms fedora'",
                        "goes on where it stopped"),
                arguments(in(DataVolumePhase.PAUSED), "resumed a moment ago", "workflow to go on", "goes on where"),
                arguments(
                        in(DataVolumePhase.IMPORT_SCHEDULED).annotation(DvflowAnnotations.CANCELLED, "true"),
                        "Being cancelled",
                        "the workflow to remove it",
                        "says that it was cancelled"),
                arguments(
                        in(DataVolumePhase.PAUSED)
                                .annotation(DvflowAnnotations.PAUSED, "true")
                                .annotation(DvflowAnnotations.CANCELLED, "true"),
                        "Being cancelled",
                        "the workflow to remove it",
                        "says that it was cancelled"),
                arguments(
                        in(DataVolumePhase.IMPORT_SCHEDULED)
                                .annotation(DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_CANCELLED),
                        "it was cancelled",
                        WORKS,
                        "never starts again"),
                arguments(
                        in(DataVolumePhase.IMPORT_IN_PROGRESS)
                                .running("False", Reasons.ERROR, "connection refused")
                                .annotation(DvflowAnnotations.OUTCOME, DvflowAnnotations.OUTCOME_GAVE_UP),
                        "it was given up: connection refused.",
                        WORKS,
                        DvflowAnnotations.MAX_ATTEMPTS),
                arguments(
                        in(DataVolumePhase.FAILED)
                                .running("False", Reasons.CHECKSUM_ERROR, "checksum validation failed"),
                        "failed for good: checksum validation failed.",
                        WORKS,
                        "kubectl delete"),
                arguments(
                        in(DataVolumePhase.SUCCEEDED).deleting(),
                        "Being deleted",
                        "let the object go",
                        DvflowAnnotations.FORCE_RELEASE));
    }

    @ParameterizedTest
    @EnumSource(DataVolumePhase.class)
    void sentencesEndAndHoldNoBlanksTwice(DataVolumePhase phase) {
        Explanation explanation = Explanation.of(in(phase).operation(), HINTS);

        assertThat(Stream.of(explanation.doing(), explanation.waitingFor().orElse("."), explanation.next()))
                .allSatisfy(text -> assertThat(text).endsWith(".").doesNotContain("  ", ".."));
    }

    @Test
    void theConsumerCanBeLeftOutWithTheAnnotationThatUsersOfCdiKnow() {
        assertThat(Explanation.of(in(DataVolumePhase.PENDING_POPULATION).operation(), HINTS)
                        .next())
                .contains("kubectl annotate -n vms datavolume/fedora " + Annotations.STORAGE_BIND_IMMEDIATE_REQUESTED);
    }

    @Test
    void hintsNameTheCommandAsItWasCalled() {
        var operation = in(DataVolumePhase.PAUSED)
                .annotation(DvflowAnnotations.PAUSED, "true")
                .operation();

        assertThat(Explanation.of(operation, new Hints("kubectl dv")).waitingFor())
                .hasValueSatisfying(text -> assertThat(text).contains("'kubectl dv resume -n vms fedora'"));
    }

    private static DataVolumes transferring(DataVolumePhase phase) {
        return in(phase).running("True", Reasons.POD_IS_RUNNING, "");
    }

    private static void assertExplained(DataVolumes dataVolume, String doing, String waitingFor, String next) {
        Explanation explanation = Explanation.of(dataVolume.operation(), HINTS);

        assertThat(explanation.doing()).contains(doing);
        assertThat(explanation.next()).contains(next);
        if (waitingFor == null) {
            assertThat(explanation.waitingFor()).isEmpty();
        } else {
            assertThat(explanation.waitingFor())
                    .hasValueSatisfying(text -> assertThat(text).contains(waitingFor));
        }
    }
}
