package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.status.EventNote;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.KeptLog;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferReport;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.transfer.TransferActivities.StopReason;
import io.dvflow.workflows.transfer.TransferHeartbeat;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A transfer is followed from its pod's start to its end, whoever began it. */
class TransferActivitiesTest {

    private final TransferRig rig = new TransferRig();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void followsAPodFromItsStartToItsReceipt() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        await().until(() -> "ImportScheduled".equals(rig.phase()));
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.pods.print(TransferRig.progress(25));
        await().until(() -> "25.00%".equals(rig.objects.status().progress()));
        rig.pods.end(0, TransferRig.COMPLETE);

        TransferReceipt receipt = transfer.join();

        assertThat(receipt.message()).isEqualTo("Import Complete");
        assertThat(receipt.fetchedBytes()).isEqualTo(100);
        assertThat(receipt.restarts()).isZero();
        assertThat(rig.pods.current()).as("the pod is for the finish to remove").isPresent();
        assertThat(rig.claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.pod.phase", "Running")
                .containsEntry("cdi.kubevirt.io/storage.import.importPodName", "importer-fedora");
        assertThat(rig.objects.events())
                .contains(EventNote.normal("ImportInProgress", "Import into fedora in progress"));
    }

    @Test
    void aPodThatWasTooQuickToBeSeenAtWorkIsNamedAllTheSame() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);

        rig.pods.end(0, TransferRig.COMPLETE);

        transfer.join();
        assertThat(rig.claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.import.importPodName", "importer-fedora")
                .as("shown as what it no longer was")
                .doesNotContainKey("cdi.kubevirt.io/storage.pod.phase");
    }

    @Test
    void keepsTheEndOfEachPodsLogOnTheObject() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.pods.print(new TransferReport.Note(TransferReport.Note.Level.WARNING, "502, trying again"));
        rig.pods.print(TransferRig.progress(25));
        rig.pods.print(new TransferReport.Durable(TransferRig.HALF));
        rig.pods.end(
                1, TransferRig.failed(ErrorClass.TRANSIENT, FailureReason.CONNECTION_FAILED, "connection refused"));

        assertThat(transfer).failsWithin(Duration.ofSeconds(60));
        KeptLog kept = keptLog();
        assertThat(kept.pod()).isEqualTo("importer-fedora");
        assertThat(kept.attempt()).isEqualTo(1);
        assertThat(kept.lines()).hasSize(2).first().asString().contains("502, trying again");
        assertThat(kept.lastWords().orElseThrow()).contains("connection refused");
    }

    @Test
    void keepsTheLogOfAPodThatNobodyHasFollowed() {
        rig.pods.put(rig.podOfAttempt(2));
        rig.pods.run();
        rig.pods.print(new TransferReport.Note(TransferReport.Note.Level.INFO, "source is qcow2"));
        rig.pods.end(0, TransferRig.COMPLETE);

        rig.start(TransferRig.PLAN, TransferProgress.NONE).join();

        assertThat(keptLog().attempt()).isEqualTo(2);
        assertThat(keptLog().lines()).singleElement().asString().contains("source is qcow2");
    }

    private KeptLog keptLog() {
        return TransferJson.readKeptLog(
                        rig.objects.current().getMetadata().getAnnotations().get(DvflowAnnotations.LOG))
                .orElseThrow();
    }

    @Test
    void adoptsThePodThatAnEarlierWorkerStarted() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.run();

        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.pods.end(0, TransferRig.COMPLETE);

        assertThat(transfer.join().message()).isEqualTo("Import Complete");
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void progressDoesNotFallBackWhenAnotherWorkerReadsTheLogAgain() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.run();
        rig.pods.print(TransferRig.progress(10));
        rig.pods.print(TransferRig.progress(60));
        CompletableFuture<TransferReceipt> first = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.objects.status() != null
                && "60.00%".equals(rig.objects.status().progress()));
        rig.temporal.requestCancelActivity();
        assertThat(first).failsWithin(Duration.ofSeconds(60));
        int written = rig.objects.written().size();

        rig.restart(TransferRig.PATIENT);
        CompletableFuture<TransferReceipt> second = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        rig.pods.print(TransferRig.progress(20));
        rig.pods.print(TransferRig.progress(70));
        await().until(() -> "70.00%".equals(rig.objects.status().progress()));
        rig.pods.end(0, TransferRig.COMPLETE);
        second.join();

        assertThat(rig.objects.written().stream().skip(written).map(DataVolumeStatus::progress))
                .containsExactly("70.00%");
    }

    @Test
    void aDiskThatIsVerifiedStaysWholeInTheStatus() {
        var last = new AtomicReference<TransferHeartbeat>();
        rig.temporal.setActivityHeartbeatListener(TransferHeartbeat.class, last::set);
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        rig.pods.print(TransferRig.progress(100));
        await().until(() -> "100.00%".equals(rig.objects.status().progress()));
        rig.pods.print(new TransferReport.Progress(TransferPhase.VERIFY, 100, 40, 140, 100, 0, 1, 1));

        await().until(() -> last.get().doing().equals("transferring, 40.00%, VERIFY"));
        assertThat(rig.objects.status().progress()).isEqualTo("100.00%");
        rig.pods.end(0, TransferRig.COMPLETE);
        transfer.join();
    }

    @Test
    void goesOnFollowingWhileTheObjectCannotBeWritten() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.objects.failNextWrite(Trouble.of(Trouble.Kind.TRANSIENT, "ApiServerUnavailable", "connection refused"));
        rig.pods.print(TransferRig.progress(10));
        rig.pods.print(TransferRig.progress(60));
        await().until(() -> "60.00%".equals(rig.objects.status().progress()));
        rig.pods.end(0, TransferRig.COMPLETE);

        assertThat(transfer.join().restarts()).isZero();
    }

    @Test
    void anObjectThatIsGoneEndsIt() {
        rig.objects.remove();

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.OBJECT_GONE);
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(rig.pods.created()).isEmpty();
    }

    @Test
    void anAttemptThatALaterOneHasOvertakenWritesNothing() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.objects.change(object -> object.setStatus(TransferRig.shownRestarts(5)));
        rig.pods.print(TransferRig.progress(30));

        assertThat(TransferRig.failureOf(transfer).getMessage()).contains("later attempt");
        assertThat(rig.objects.status().progress()).isEqualTo("N/A");
    }

    @Test
    void heartbeatsTellPeopleAndTheNextAttemptWhatIsGoingOn() {
        var last = new AtomicReference<TransferHeartbeat>();
        rig.temporal.setActivityHeartbeatListener(TransferHeartbeat.class, last::set);
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.pods.print(TransferRig.progress(40));
        rig.pods.print(new TransferReport.Durable(TransferRig.HALF));

        await().until(() -> last.get() != null && last.get().soFar().durable().isPresent());

        assertThat(last.get().pod()).isEqualTo("importer-fedora");
        assertThat(last.get().doing()).contains("40.00%");
        rig.pods.end(0, TransferRig.COMPLETE);
        transfer.join();
    }

    @Test
    void beingCancelledDeletesNothing() {
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);
        await().until(() -> rig.pods.created().size() == 1);
        rig.pods.run();
        await().until(() -> "ImportInProgress".equals(rig.phase()));
        rig.temporal.requestCancelActivity();

        assertThat(transfer).failsWithin(Duration.ofSeconds(60));
        assertThat(rig.pods.current()).isPresent();
    }

    @Test
    void stoppingFlushesThePodAndReturnsWhatIsDurable() {
        rig.pods.put(rig.podOfAttempt(2));
        rig.pods.run();
        rig.pods.onDelete(kubelet -> kubelet.print(new TransferReport.Durable(TransferRig.HALF)));

        TransferProgress stopped = rig.activities.stop(
                Given.REF, TransferRig.PLAN, new TransferProgress(1, Optional.empty()), StopReason.PAUSED);

        assertThat(stopped).isEqualTo(new TransferProgress(1, Optional.of(TransferRig.HALF)));
        assertThat(rig.pods.current()).isEmpty();
        assertThat(rig.phase()).isEqualTo("Paused");
        assertThat(rig.running().reason()).isEqualTo("Paused");
    }

    @Test
    void stoppingLeavesAFinishedPodForTheNextTransferToRead() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.end(0, TransferRig.COMPLETE);

        TransferProgress stopped =
                rig.activities.stop(Given.REF, TransferRig.PLAN, TransferProgress.NONE, StopReason.RETRIED);

        assertThat(stopped).isEqualTo(TransferProgress.NONE);
        assertThat(rig.start(TransferRig.PLAN, stopped).join().message()).isEqualTo("Import Complete");
    }
}
