package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Given;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.EventNote;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.transfer.TransferActivities.StopReason;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pod that needs room asks for it, and gets it without having failed. */
class TransferScratchTest {

    private final TransferRig rig = new TransferRig();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aPodThatNeedsScratchSpaceIsNoFailureButARequest() {
        rig.pods.onCreate(kubelet -> kubelet.end(1, TransferRig.needsScratch(5 << 20)));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.SCRATCH_REQUIRED);
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(failure.getDetails().get(1, Long.class)).isEqualTo(5 << 20);
        assertThat(failure.getCategory()).isEqualTo(ApplicationErrorCategory.BENIGN);
        assertThat(rig.running())
                .isEqualTo(Aspect.not("Scratch space required", "scratch space required and none found"));
        assertThat(rig.objects.status().restartCount()).isZero();
        assertThat(rig.objects.events()).noneMatch(note -> note.severity() == EventNote.Severity.WARNING);
        assertThat(rig.claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.import.requiresScratch", "true");
    }

    @Test
    void theSameAttemptGoesOnWithScratchSpace() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.end(1, TransferRig.needsScratch(5 << 20));
        rig.pods.onCreate(kubelet -> kubelet.end(0, TransferRig.COMPLETE));

        TransferReceipt receipt = rig.start(TransferRig.PLAN, TransferRig.with(rig.scratch(5 << 20)))
                .join();

        assertThat(receipt.restarts()).isZero();
        Pod second = rig.pods.created().getFirst();
        assertThat(TransferRig.planOf(second).scratchDirectory()).contains("/scratch");
        assertThat(TransferRig.planOf(second).attempt()).isEqualTo(1);
        assertThat(second.getSpec().getVolumes())
                .anyMatch(volume -> volume.getPersistentVolumeClaim() != null
                        && volume.getPersistentVolumeClaim().getClaimName().equals("fedora-scratch"));
    }

    @Test
    void scratchSpaceThatIsTooSmallIsAskedForAgain() {
        rig.pods.put(rig.podOfAttempt(1, Optional.of(rig.scratch(5 << 20))));
        rig.pods.end(1, TransferRig.needsScratch(6 << 20));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferRig.with(rig.scratch(5 << 20)));

        assertThat(failure.getType()).isEqualTo(FailureTypes.SCRATCH_REQUIRED);
        assertThat(failure.getDetails().get(1, Long.class)).isEqualTo(6 << 20);
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void whoAsksForScratchSpaceThatItHasHasFailed() {
        rig.pods.put(rig.podOfAttempt(1, Optional.of(rig.scratch(5 << 20))));
        rig.pods.end(1, TransferRig.needsScratch(5 << 20));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferRig.with(rig.scratch(5 << 20)));

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(rig.objects.status().restartCount()).isEqualTo(1);
    }

    @Test
    void scratchSpaceThatSomebodyDeletedIsAskedForAgain() {
        ApplicationFailure failure = rig.fails(
                TransferRig.PLAN,
                new TransferProgress(0, Optional.empty(), Optional.of(new ScratchSpace("gone", 4096))));

        assertThat(failure.getType()).isEqualTo(FailureTypes.SCRATCH_REQUIRED);
        assertThat(failure.getDetails().get(1, Long.class)).isEqualTo(4096);
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void stoppingKeepsScratchSpaceForTheNextTransfer() {
        rig.pods.put(rig.podOfAttempt(1, Optional.of(rig.scratch(4096))));
        rig.pods.run();

        TransferProgress stopped = rig.activities.stop(
                Given.REF, TransferRig.PLAN, TransferRig.with(rig.scratch(4096)), StopReason.PAUSED);

        assertThat(stopped.scratch()).map(ScratchSpace::claimName).contains("fedora-scratch");
        assertThat(rig.claims.names()).contains("fedora-scratch");
    }
}
