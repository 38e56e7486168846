package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Given;
import io.dvflow.activities.status.EventNote;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferTarget;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferHeartbeat;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pod that failed is the record of its attempt, and the next one takes its place. */
class TransferRestartTest {

    private static final ResumeMap MORE = new ResumeMap(TransferRig.HALF.source(), List.of(new ByteRange(0, 3L << 28)));

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
    void whereNoPodIsLeftTheNextOneGoesOnFromTheMapInTheHeartbeat() {
        ImportPlan ontoDevice = Given.plan(ClaimPath.DIRECT, "Block", Optional.empty());
        rig.temporal.setHeartbeatDetails(heartbeat(2, TransferRig.HALF));
        rig.pods.onCreate(kubelet -> kubelet.end(0, TransferRig.COMPLETE));

        rig.start(ontoDevice, TransferProgress.NONE).join();

        TransferPlan next = TransferRig.planOf(rig.pods.created().getFirst());
        assertThat(next.target())
                .as("where no journal can stand beside the image")
                .isInstanceOf(TransferTarget.BlockDevice.class);
        assertThat(next.resumeFrom()).contains(TransferRig.HALF);
        assertThat(next.attempt()).isEqualTo(3);
    }

    @Test
    void theHeartbeatIsLaterThanWhatTheWorkflowKnew() {
        rig.temporal.setHeartbeatDetails(heartbeat(0, MORE));
        rig.pods.onCreate(kubelet -> kubelet.end(0, TransferRig.COMPLETE));

        rig.start(TransferRig.PLAN, new TransferProgress(0, Optional.of(TransferRig.HALF)))
                .join();

        assertThat(resumedFrom()).contains(MORE);
    }

    @Test
    void theLogOfAFailedPodIsLaterThanTheHeartbeat() {
        failedPodThatSaid(new TransferReport.Durable(TransferRig.HALF), new TransferReport.Durable(MORE));
        rig.temporal.setHeartbeatDetails(heartbeat(0, TransferRig.HALF));

        rig.start(TransferRig.PLAN, TransferProgress.NONE).join();

        assertThat(resumedFrom()).contains(MORE);
    }

    @Test
    void aSmallerMapInTheLogOfAFailedPodIsTheLaterOneAllTheSame() {
        ResumeMap ofWhatIsThereNow = new ResumeMap(
                new SourcePin("http://images/fedora.qcow2", 600, Optional.of("\"v2\""), Optional.empty()),
                List.of(new ByteRange(0, 4096)));
        failedPodThatSaid(new TransferReport.Durable(ofWhatIsThereNow));
        rig.temporal.setHeartbeatDetails(heartbeat(0, TransferRig.HALF));

        rig.start(TransferRig.PLAN, TransferProgress.NONE).join();

        assertThat(resumedFrom())
                .as("the pod began anew: what the heartbeat holds has been overwritten")
                .contains(ofWhatIsThereNow);
    }

    @Test
    void theHeartbeatKnowsWhatTheLogOfAFailedPodDoesNotSay() {
        failedPodThatSaid(TransferRig.progress(60));
        rig.temporal.setHeartbeatDetails(heartbeat(0, TransferRig.HALF));

        rig.start(TransferRig.PLAN, TransferProgress.NONE).join();

        assertThat(resumedFrom()).contains(TransferRig.HALF);
    }

    /** The one after it completes. */
    private void failedPodThatSaid(TransferReport... reports) {
        rig.pods.put(rig.podOfAttempt(1));
        Stream.of(reports).forEach(rig.pods::print);
        rig.pods.end(1, TransferRig.failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503"));
        rig.objects.change(object -> object.setStatus(TransferRig.shownRestarts(1)));
        rig.pods.onCreate(kubelet -> kubelet.end(0, TransferRig.COMPLETE));
    }

    private Optional<ResumeMap> resumedFrom() {
        return TransferRig.planOf(rig.pods.created().getFirst()).resumeFrom();
    }

    /** What a worker that has died last told Temporal. */
    private static TransferHeartbeat heartbeat(int restarts, ResumeMap durable) {
        return new TransferHeartbeat(
                "importer-fedora",
                "pod-1",
                "transferring",
                Optional.empty(),
                new TransferProgress(restarts, Optional.of(durable)));
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
