package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.KeptLog;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.RateChange;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferActivities.StopReason;
import io.dvflow.workflows.transfer.TransferHeartbeat;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TransferActivitiesTest {

    private static final ImportPlan PLAN = Given.plan(ClaimPath.DIRECT);
    private static final TransferOutcome COMPLETE =
            new TransferOutcome.Complete("Import Complete", "qcow2", 1 << 30, 100, 200, false, List.of());
    private static final ResumeMap HALF = new ResumeMap(
            new SourcePin("http://images/fedora.qcow2", 500, Optional.of("\"v1\""), Optional.empty()),
            List.of(new ByteRange(0, 1 << 29)));
    private static final TransferTimings PATIENT = new TransferTimings(
            Duration.ofMillis(20), Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), Duration.ofSeconds(1));
    private static final TransferTimings IMPATIENT = new TransferTimings(
            Duration.ofMillis(20), Duration.ZERO, Duration.ZERO, Duration.ofMillis(200), Duration.ofSeconds(1));

    private final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    private final FakeClaims claims = new FakeClaims();
    private final FakePods pods = new FakePods();
    private TestActivityEnvironment temporal;
    private TransferActivities activities;

    @BeforeEach
    void start() {
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), PLAN));
        start(PATIENT);
    }

    private void start(TransferTimings timings) {
        temporal = Activities.environment();
        var status = new StatusWriter(objects, objects, Clock.systemUTC());
        activities = Activities.of(
                temporal,
                TransferActivities.class,
                new TransferActivitiesImpl(
                        new TransferActivitiesImpl.Doors(status, claims, pods, objects, new Unmetered()),
                        () -> new PodSettings(
                                "transfer:1", "IfNotPresent", Optional.empty(), List.of(), Optional.empty(), List.of()),
                        timings,
                        Clock.systemUTC()));
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    private void restart(TransferTimings timings) {
        stop();
        start(timings);
    }

    @Test
    void followsAPodFromItsStartToItsReceipt() {
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        await().until(() -> "ImportScheduled".equals(phase()));
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        pods.print(progress(25));
        await().until(() -> "25.00%".equals(objects.status().progress()));
        pods.end(0, COMPLETE);

        TransferReceipt receipt = transfer.join();

        assertThat(receipt.message()).isEqualTo("Import Complete");
        assertThat(receipt.fetchedBytes()).isEqualTo(100);
        assertThat(receipt.restarts()).isZero();
        assertThat(pods.current()).as("the pod is for the finish to remove").isPresent();
        assertThat(claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.pod.phase", "Running")
                .containsEntry("cdi.kubevirt.io/storage.import.importPodName", "importer-fedora");
        assertThat(objects.events()).contains(EventNote.normal("ImportInProgress", "Import into fedora in progress"));
    }

    @Test
    void keepsTheEndOfEachPodsLogOnTheObject() {
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        pods.print(new TransferReport.Note(TransferReport.Note.Level.WARNING, "502, trying again"));
        pods.print(progress(25));
        pods.print(new TransferReport.Durable(HALF));
        pods.end(1, failed(ErrorClass.TRANSIENT, FailureReason.CONNECTION_FAILED, "connection refused"));

        assertThat(transfer).failsWithin(Duration.ofSeconds(10));
        KeptLog kept = keptLog();
        assertThat(kept.pod()).isEqualTo("importer-fedora");
        assertThat(kept.attempt()).isEqualTo(1);
        assertThat(kept.lines()).hasSize(2).first().asString().contains("502, trying again");
        assertThat(kept.lastWords().orElseThrow()).contains("connection refused");
    }

    @Test
    void keepsTheLogOfAPodThatNobodyHasFollowed() {
        pods.put(podOfAttempt(2));
        pods.run();
        pods.print(new TransferReport.Note(TransferReport.Note.Level.INFO, "source is qcow2"));
        pods.end(0, COMPLETE);

        start(PLAN, TransferProgress.NONE).join();

        assertThat(keptLog().attempt()).isEqualTo(2);
        assertThat(keptLog().lines()).singleElement().asString().contains("source is qcow2");
    }

    private KeptLog keptLog() {
        return TransferJson.readKeptLog(
                        objects.current().getMetadata().getAnnotations().get(DvflowAnnotations.LOG))
                .orElseThrow();
    }

    @Test
    void adoptsThePodThatAnEarlierWorkerStarted() {
        pods.put(podOfAttempt(1));
        pods.run();

        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> "ImportInProgress".equals(phase()));
        pods.end(0, COMPLETE);

        assertThat(transfer.join().message()).isEqualTo("Import Complete");
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void progressDoesNotFallBackWhenAnotherWorkerReadsTheLogAgain() {
        pods.put(podOfAttempt(1));
        pods.run();
        pods.print(progress(10));
        pods.print(progress(60));
        CompletableFuture<TransferReceipt> first = start(PLAN, TransferProgress.NONE);
        await().until(() ->
                objects.status() != null && "60.00%".equals(objects.status().progress()));
        temporal.requestCancelActivity();
        assertThat(first).failsWithin(Duration.ofSeconds(10));
        int written = objects.written().size();

        restart(PATIENT);
        CompletableFuture<TransferReceipt> second = start(PLAN, TransferProgress.NONE);
        pods.print(progress(20));
        pods.print(progress(70));
        await().until(() -> "70.00%".equals(objects.status().progress()));
        pods.end(0, COMPLETE);
        second.join();

        assertThat(objects.written().stream().skip(written).map(DataVolumeStatus::progress))
                .containsExactly("70.00%");
    }

    @Test
    void aDiskThatIsVerifiedStaysWholeInTheStatus() {
        var last = new AtomicReference<TransferHeartbeat>();
        temporal.setActivityHeartbeatListener(TransferHeartbeat.class, last::set);
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        pods.print(progress(100));
        await().until(() -> "100.00%".equals(objects.status().progress()));
        pods.print(new TransferReport.Progress(TransferPhase.VERIFY, 100, 40, 140, 100, 0, 1, 1));

        await().until(() -> last.get().doing().equals("transferring, 40.00%, VERIFY"));
        assertThat(objects.status().progress()).isEqualTo("100.00%");
        pods.end(0, COMPLETE);
        transfer.join();
    }

    @Test
    void aFailedPodFailsTheAttemptAndStaysAsItsRecord() {
        pods.onCreate(kubelet -> {
            kubelet.run();
            kubelet.end(1, failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503 Service Unavailable"));
        });

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(5));
        assertThat(pods.current()).isPresent();
        assertThat(objects.status().restartCount()).isEqualTo(1);
        assertThat(running().reason()).isEqualTo("Error");
        assertThat(running().message()).isEqualTo("503 Service Unavailable");
        assertThat(objects.events())
                .contains(EventNote.warning("ErrImportFailed", "503 Service Unavailable"))
                .contains(EventNote.warning("Error", "503 Service Unavailable"));
        assertThat(claims.annotations("fedora")).containsEntry("cdi.kubevirt.io/storage.pod.restarts", "1");
    }

    @Test
    void theNextAttemptReplacesTheFailedPodAndGoesOnFromWhatItHadMadeDurable() {
        pods.put(podOfAttempt(1));
        pods.print(new TransferReport.Durable(HALF));
        pods.end(1, failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503"));
        objects.change(object -> object.setStatus(shownRestarts(1)));
        pods.onCreate(kubelet -> kubelet.end(0, COMPLETE));

        TransferReceipt receipt = start(PLAN, TransferProgress.NONE).join();

        assertThat(receipt.restarts()).isEqualTo(1);
        TransferPlan second = planOf(pods.created().getFirst());
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.resumeFrom()).contains(HALF);
    }

    @Test
    void aFailureThatNobodyHasShownYetIsShownBeforeTheNextPodIsMade() {
        pods.put(podOfAttempt(1));
        pods.end(1, failed(ErrorClass.TRANSIENT, FailureReason.SERVER_ERROR, "503"));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(objects.status().restartCount()).isEqualTo(1);
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void neverMakesASecondPodWhileTheFirstIsNotGone() {
        restart(IMPATIENT);
        pods.put(podOfAttempt(1));
        pods.run();
        pods.hangDeletions(true);
        pods.delete(pods.current().orElseThrow());

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.WAITING);
        assertThat(failure.getMessage()).contains("to be gone");
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void leavesAPodOfAnotherOperationAlone() {
        restart(IMPATIENT);
        Pod stranger = podOfAttempt(1);
        stranger.getMetadata().getLabels().put("dvflow.io/datavolume-uid", "another");
        pods.put(stranger);
        pods.end(0, COMPLETE);

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.WAITING);
        assertThat(pods.current()).isPresent();
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void aPodThatSomebodyDeletedCountsAsARestartAndIsReplaced() {
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        pods.vanish();

        ApplicationFailure failure = failureOf(transfer);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(failure.getMessage()).contains("was deleted while it ran");
        assertThat(objects.status().restartCount()).isEqualTo(1);
    }

    @Test
    void aPodThatCannotStartGivesItsSlotBackAndSaysWhy() {
        restart(IMPATIENT);
        pods.onCreate(kubelet -> kubelet.waiting("ImagePullBackOff", "back-off"));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.WAITING);
        assertThat(failure.getCategory()).isEqualTo(ApplicationErrorCategory.BENIGN);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(10));
        assertThat(running().reason()).isEqualTo("ImagePullFailed");
        assertThat(running().message()).isEqualTo("failed to pull image: transfer:1 (back-off)");
        assertThat(objects.status().restartCount()).isZero();
        assertThat(pods.current()).isPresent();
    }

    @Test
    void whatNeedsAChangeIsRetriedSlowlyAndLaterEachTime() {
        objects.change(object -> object.setStatus(shownRestarts(3)));
        pods.onCreate(
                kubelet -> kubelet.end(1, failed(ErrorClass.NEEDS_CHANGE, FailureReason.NOT_FOUND, "404 Not Found")));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(120));
        assertThat(failure.isNonRetryable()).isFalse();
        assertThat(objects.status().restartCount()).isEqualTo(4);
    }

    @Test
    void aWrongChecksumIsFinal() {
        pods.onCreate(kubelet ->
                kubelet.end(1, failed(ErrorClass.FINAL, FailureReason.CHECKSUM_MISMATCH, "checksum mismatch")));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.FINAL);
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(running().reason()).isEqualTo("ChecksumError");
        assertThat(claims.annotations("fedora")).containsEntry("cdi.kubevirt.io/storage.import.fatalError", "true");
    }

    @Test
    void aFinalFailureStaysFinalForAnAttemptThatComesLater() {
        pods.put(podOfAttempt(1));
        pods.end(1, failed(ErrorClass.FINAL, FailureReason.CHECKSUM_MISMATCH, "checksum mismatch"));
        objects.change(object -> object.setStatus(shownRestarts(1)));

        assertThat(fails(PLAN, TransferProgress.NONE).getType()).isEqualTo(FailureTypes.FINAL);
    }

    @Test
    void theUsersCeilingOfAttemptsEndsIt() {
        ImportPlan two = Given.plan(ClaimPath.DIRECT, "Filesystem", Optional.of(2));
        pods.onCreate(
                kubelet -> kubelet.end(1, failed(ErrorClass.TRANSIENT, FailureReason.CONNECTION_FAILED, "no route")));

        assertThat(fails(two, TransferProgress.NONE).getType()).isEqualTo(FailureTypes.TRANSIENT);
        ApplicationFailure second = fails(two, TransferProgress.NONE);

        assertThat(second.getType()).isEqualTo(FailureTypes.GAVE_UP);
        assertThat(second.isNonRetryable()).isTrue();
        assertThat(second.getMessage()).contains("2 attempts").contains("no route");
    }

    @Test
    void aPodThatNeedsScratchSpaceIsNoFailureButARequest() {
        pods.onCreate(kubelet -> kubelet.end(1, needsScratch(5 << 20)));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.SCRATCH_REQUIRED);
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(failure.getDetails().get(1, Long.class)).isEqualTo(5 << 20);
        assertThat(failure.getCategory()).isEqualTo(ApplicationErrorCategory.BENIGN);
        assertThat(running()).isEqualTo(Aspect.not("Scratch space required", "scratch space required and none found"));
        assertThat(objects.status().restartCount()).isZero();
        assertThat(objects.events()).noneMatch(note -> note.severity() == EventNote.Severity.WARNING);
        assertThat(claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.import.requiresScratch", "true");
    }

    @Test
    void theSameAttemptGoesOnWithScratchSpace() {
        pods.put(podOfAttempt(1));
        pods.end(1, needsScratch(5 << 20));
        pods.onCreate(kubelet -> kubelet.end(0, COMPLETE));

        TransferReceipt receipt = start(PLAN, with(scratch(5 << 20))).join();

        assertThat(receipt.restarts()).isZero();
        Pod second = pods.created().getFirst();
        assertThat(planOf(second).scratchDirectory()).contains("/scratch");
        assertThat(planOf(second).attempt()).isEqualTo(1);
        assertThat(second.getSpec().getVolumes())
                .anyMatch(volume -> volume.getPersistentVolumeClaim() != null
                        && volume.getPersistentVolumeClaim().getClaimName().equals("fedora-scratch"));
    }

    @Test
    void scratchSpaceThatIsTooSmallIsAskedForAgain() {
        pods.put(podOfAttempt(1, Optional.of(scratch(5 << 20))));
        pods.end(1, needsScratch(6 << 20));

        ApplicationFailure failure = fails(PLAN, with(scratch(5 << 20)));

        assertThat(failure.getType()).isEqualTo(FailureTypes.SCRATCH_REQUIRED);
        assertThat(failure.getDetails().get(1, Long.class)).isEqualTo(6 << 20);
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void whoAsksForScratchSpaceThatItHasHasFailed() {
        pods.put(podOfAttempt(1, Optional.of(scratch(5 << 20))));
        pods.end(1, needsScratch(5 << 20));

        ApplicationFailure failure = fails(PLAN, with(scratch(5 << 20)));

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(objects.status().restartCount()).isEqualTo(1);
    }

    @Test
    void scratchSpaceThatSomebodyDeletedIsAskedForAgain() {
        ApplicationFailure failure =
                fails(PLAN, new TransferProgress(0, Optional.empty(), Optional.of(new ScratchSpace("gone", 4096))));

        assertThat(failure.getType()).isEqualTo(FailureTypes.SCRATCH_REQUIRED);
        assertThat(failure.getDetails().get(1, Long.class)).isEqualTo(4096);
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void stoppingKeepsScratchSpaceForTheNextTransfer() {
        pods.put(podOfAttempt(1, Optional.of(scratch(4096))));
        pods.run();

        TransferProgress stopped = activities.stop(Given.REF, PLAN, with(scratch(4096)), StopReason.PAUSED);

        assertThat(stopped.scratch()).map(ScratchSpace::claimName).contains("fedora-scratch");
        assertThat(claims.names()).contains("fedora-scratch");
    }

    @Test
    void aChangedRateReachesTheRunningPod() {
        pods.put(podOfAttempt(1));
        pods.run();
        setRate("50Mi");

        activities.limitRate(Given.REF, RateChange.AS_THE_OBJECT_SAYS);
        assertThat(rateOfPod()).isEqualTo("50Mi");

        activities.limitRate(Given.REF, new RateChange(Optional.of("5Mi")));
        assertThat(rateOfPod()).isEqualTo("5Mi");
        assertThat(objects.current().getMetadata().getAnnotations())
                .as("where the next pod looks")
                .containsEntry("dvflow.io/rate-limit", "5Mi");

        setRate("0");
        activities.limitRate(Given.REF, RateChange.AS_THE_OBJECT_SAYS);
        assertThat(rateOfPod()).isNull();
    }

    @Test
    void aRateThatCannotBeReadIsToldAndNotFollowed() {
        pods.put(podOfAttempt(1));
        pods.run();
        setRate("fast");

        activities.limitRate(Given.REF, RateChange.AS_THE_OBJECT_SAYS);

        assertThat(rateOfPod()).isNull();
        assertThat(objects.events())
                .anyMatch(note -> note.reason().equals("InvalidAnnotation")
                        && note.message().contains("\"fast\"")
                        && note.message().contains("50Mi"));
    }

    @Test
    void aRateThatChangesWhileThePodIsMadeReachesItToo() {
        setRate("50Mi");
        pods.onCreate(kubelet -> {
            assertThat(rateOfPod()).isEqualTo("50Mi");
            setRate("5Mi");
            kubelet.run();
        });
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);

        await().until(() -> pods.current().isPresent() && "5Mi".equals(rateOfPod()));
        pods.end(0, COMPLETE);
        transfer.join();
    }

    @Test
    void limitingWithoutAPodDoesNothingElse() {
        activities.limitRate(Given.REF, new RateChange(Optional.of("5Mi")));

        assertThat(objects.current().getMetadata().getAnnotations()).containsEntry("dvflow.io/rate-limit", "5Mi");
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void aContainerKilledForMemoryIsTransientAndNamesIt() {
        pods.onCreate(kubelet -> kubelet.end(137, "OOMKilled", ""));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(failure.getMessage()).contains("more memory than its limit");
    }

    @Test
    void anEndWithoutAWordIsNeverSuccess() {
        pods.onCreate(kubelet -> kubelet.end(0, "Completed", ""));

        assertThat(fails(PLAN, TransferProgress.NONE).getType()).isEqualTo(FailureTypes.TRANSIENT);
    }

    @Test
    void aQuotaThatForbidsThePodIsShownAndRetriedSlowly() {
        pods.failNextCreate(Trouble.needsChange("ErrExceededQuota", "exceeded quota: small"));

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(running().reason()).isEqualTo("ErrExceededQuota");
        assertThat(running().message()).contains("exceeded quota");
    }

    @Test
    void goesOnFollowingWhileTheObjectCannotBeWritten() {
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        objects.failNextWrite(Trouble.of(Trouble.Kind.TRANSIENT, "ApiServerUnavailable", "connection refused"));
        pods.print(progress(10));
        pods.print(progress(60));
        await().until(() -> "60.00%".equals(objects.status().progress()));
        pods.end(0, COMPLETE);

        assertThat(transfer.join().restarts()).isZero();
    }

    @Test
    void anObjectThatIsGoneEndsIt() {
        objects.remove();

        ApplicationFailure failure = fails(PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.OBJECT_GONE);
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(pods.created()).isEmpty();
    }

    @Test
    void anAttemptThatALaterOneHasOvertakenWritesNothing() {
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        objects.change(object -> object.setStatus(shownRestarts(5)));
        pods.print(progress(30));

        assertThat(failureOf(transfer).getMessage()).contains("later attempt");
        assertThat(objects.status().progress()).isEqualTo("N/A");
    }

    @Test
    void heartbeatsTellPeopleAndTheNextAttemptWhatIsGoingOn() {
        var last = new AtomicReference<TransferHeartbeat>();
        temporal.setActivityHeartbeatListener(TransferHeartbeat.class, last::set);
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        pods.print(progress(40));
        pods.print(new TransferReport.Durable(HALF));

        await().until(() -> last.get() != null && last.get().soFar().durable().isPresent());

        assertThat(last.get().pod()).isEqualTo("importer-fedora");
        assertThat(last.get().doing()).contains("40.00%");
        pods.end(0, COMPLETE);
        transfer.join();
    }

    @Test
    void beingCancelledDeletesNothing() {
        CompletableFuture<TransferReceipt> transfer = start(PLAN, TransferProgress.NONE);
        await().until(() -> pods.created().size() == 1);
        pods.run();
        await().until(() -> "ImportInProgress".equals(phase()));
        temporal.requestCancelActivity();

        assertThat(transfer).failsWithin(Duration.ofSeconds(10));
        assertThat(pods.current()).isPresent();
    }

    @Test
    void stoppingFlushesThePodAndReturnsWhatIsDurable() {
        pods.put(podOfAttempt(2));
        pods.run();
        pods.onDelete(kubelet -> kubelet.print(new TransferReport.Durable(HALF)));

        TransferProgress stopped =
                activities.stop(Given.REF, PLAN, new TransferProgress(1, Optional.empty()), StopReason.PAUSED);

        assertThat(stopped).isEqualTo(new TransferProgress(1, Optional.of(HALF)));
        assertThat(pods.current()).isEmpty();
        assertThat(phase()).isEqualTo("Paused");
        assertThat(running().reason()).isEqualTo("Paused");
    }

    @Test
    void stoppingLeavesAFinishedPodForTheNextTransferToRead() {
        pods.put(podOfAttempt(1));
        pods.end(0, COMPLETE);

        TransferProgress stopped = activities.stop(Given.REF, PLAN, TransferProgress.NONE, StopReason.RETRIED);

        assertThat(stopped).isEqualTo(TransferProgress.NONE);
        assertThat(start(PLAN, stopped).join().message()).isEqualTo("Import Complete");
    }

    private CompletableFuture<TransferReceipt> start(ImportPlan plan, TransferProgress earlier) {
        return CompletableFuture.supplyAsync(() -> activities.transfer(Given.REF, plan, earlier));
    }

    private ApplicationFailure fails(ImportPlan plan, TransferProgress earlier) {
        return failureOf(start(plan, earlier));
    }

    private static ApplicationFailure failureOf(CompletableFuture<TransferReceipt> transfer) {
        var thrown = catchThrowableOfType(CompletionException.class, transfer::join);
        return (ApplicationFailure) ((ActivityFailure) thrown.getCause()).getCause();
    }

    private Pod podOfAttempt(int attempt) {
        return podOfAttempt(attempt, Optional.empty());
    }

    private Pod podOfAttempt(int attempt, Optional<ScratchSpace> scratch) {
        var object = Given.httpDataVolume();
        Pod pod = TransferPodBuilder.build(
                object,
                PLAN,
                claims.find("vms", "fedora").orElseThrow(),
                new TransferProgress(attempt - 1, Optional.empty(), scratch),
                new PodSettings(
                        "transfer:1", "IfNotPresent", Optional.empty(), List.of(), Optional.empty(), List.of()));
        pod.getMetadata().setUid("pod-" + attempt);
        pod.getMetadata().setCreationTimestamp(Instant.now().toString());
        return pod;
    }

    /** There is a claim for it, too. */
    private ScratchSpace scratch(long bytes) {
        claims.put(ClaimBuilder.scratch(
                Given.httpDataVolume(), claims.find("vms", "fedora").orElseThrow(), Optional.of("fast"), bytes));
        return new ScratchSpace("fedora-scratch", bytes);
    }

    private static TransferProgress with(ScratchSpace scratch) {
        return TransferProgress.NONE.in(scratch);
    }

    private static TransferOutcome needsScratch(long bytes) {
        return new TransferOutcome.Failed(
                ErrorClass.TRANSIENT,
                FailureReason.SCRATCH_REQUIRED,
                "a qcow2 image without ranges",
                Optional.empty(),
                Optional.of(bytes),
                List.of());
    }

    private void setRate(String value) {
        objects.change(object -> object.getMetadata().setAnnotations(Map.of("dvflow.io/rate-limit", value)));
    }

    private String rateOfPod() {
        return pods.current().orElseThrow().getMetadata().getAnnotations().get("dvflow.io/rate-limit");
    }

    private static TransferPlan planOf(Pod pod) {
        return TransferJson.read(pod.getMetadata().getAnnotations().get("dvflow.io/transfer-plan"), TransferPlan.class);
    }

    private static DataVolumeStatus shownRestarts(int restarts) {
        return new DataVolumeStatus("fedora", "ImportInProgress", "N/A", restarts, List.of());
    }

    private static TransferReport.Progress progress(int percent) {
        return new TransferReport.Progress(TransferPhase.COPY, 100, percent, percent, percent, 0, 1, 1);
    }

    private static TransferOutcome failed(ErrorClass errorClass, FailureReason reason, String message) {
        return new TransferOutcome.Failed(errorClass, reason, message, Optional.empty(), List.of());
    }

    private String phase() {
        return objects.status() == null ? "" : objects.status().phase();
    }

    private Aspect running() {
        return OwnedStatus.aspect(objects.status(), "Running").orElseThrow();
    }
}
