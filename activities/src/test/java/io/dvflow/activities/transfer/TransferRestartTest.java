package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.status.EventNote;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pod that failed is the record of its attempt, and the next one takes its place. */
class TransferRestartTest {

    private final TransferRig rig = new TransferRig();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aFailedPodFailsTheAttemptAndStaysAsItsRecord() {
        rig.pods.onCreate(kubelet -> {
            kubelet.run();
            kubelet.end(
                    1, TransferRig.failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503 Service Unavailable"));
        });

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(5));
        assertThat(rig.pods.current()).isPresent();
        assertThat(rig.objects.status().restartCount()).isEqualTo(1);
        assertThat(rig.running().reason()).isEqualTo("Error");
        assertThat(rig.running().message()).isEqualTo("503 Service Unavailable");
        assertThat(rig.objects.events())
                .contains(EventNote.warning("ErrImportFailed", "503 Service Unavailable"))
                .contains(EventNote.warning("Error", "503 Service Unavailable"));
        assertThat(rig.claims.annotations("fedora")).containsEntry("cdi.kubevirt.io/storage.pod.restarts", "1");
    }

    @Test
    void theNextAttemptReplacesTheFailedPodAndGoesOnFromWhatItHadMadeDurable() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.print(new TransferReport.Durable(TransferRig.HALF));
        rig.pods.end(1, TransferRig.failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503"));
        rig.objects.change(object -> object.setStatus(TransferRig.shownRestarts(1)));
        rig.pods.onCreate(kubelet -> kubelet.end(0, TransferRig.COMPLETE));

        TransferReceipt receipt =
                rig.start(TransferRig.PLAN, TransferProgress.NONE).join();

        assertThat(receipt.restarts()).isEqualTo(1);
        TransferPlan second = TransferRig.planOf(rig.pods.created().getFirst());
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.resumeFrom()).contains(TransferRig.HALF);
    }

    @Test
    void aFailureThatNobodyHasShownYetIsShownBeforeTheNextPodIsMade() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.end(1, TransferRig.failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503"));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(rig.objects.status().restartCount()).isEqualTo(1);
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void neverMakesASecondPodWhileTheFirstIsNotGone() {
        rig.restart(TransferRig.IMPATIENT);
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.run();
        rig.pods.hangDeletions(true);
        rig.pods.delete(rig.pods.current().orElseThrow());

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.WAITING);
        assertThat(failure.getMessage()).contains("to be gone");
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void leavesAPodOfAnotherOperationAlone() {
        rig.restart(TransferRig.IMPATIENT);
        Pod stranger = rig.podOfAttempt(1);
        stranger.getMetadata().getLabels().put("dvflow.io/datavolume-uid", "another");
        rig.pods.put(stranger);
        rig.pods.end(0, TransferRig.COMPLETE);

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.WAITING);
        assertThat(rig.pods.current()).isPresent();
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void aPodThatSomebodyDeletedCountsAsARestartAndIsReplaced() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.pods.vanish();

        ApplicationFailure failure = TransferRig.failureOf(transfer);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(failure.getMessage()).contains("was deleted while it ran");
        assertThat(rig.objects.status().restartCount()).isEqualTo(1);
    }
}
