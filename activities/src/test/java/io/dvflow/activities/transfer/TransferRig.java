package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.failure.ActivityFailure;
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

/** A transfer as an activity: one object, its claim, and pods whose kubelet is the test. */
final class TransferRig implements AutoCloseable {

    static final ImportPlan PLAN = Given.plan(ClaimPath.DIRECT);

    static final TransferOutcome COMPLETE =
            new TransferOutcome.Complete("Import Complete", "qcow2", 1 << 30, 100, 200, false, List.of());

    static final ResumeMap HALF = new ResumeMap(
            new SourcePin("http://images/fedora.qcow2", 500, Optional.of("\"v1\""), Optional.empty()),
            List.of(new ByteRange(0, 1 << 29)));

    static final TransferTimings PATIENT = new TransferTimings(
            Duration.ofMillis(20), Duration.ZERO, Duration.ZERO, Duration.ofMinutes(1), Duration.ofSeconds(1));

    static final TransferTimings IMPATIENT = new TransferTimings(
            Duration.ofMillis(20), Duration.ZERO, Duration.ZERO, Duration.ofMillis(200), Duration.ofSeconds(1));

    final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    final FakeClaims claims = new FakeClaims();
    final FakePods pods = new FakePods();
    TestActivityEnvironment temporal;
    TransferActivities activities;

    TransferRig() {
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), PLAN));
        start(PATIENT);
    }

    @Override
    public void close() {
        temporal.close();
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

    void restart(TransferTimings timings) {
        close();
        start(timings);
    }

    CompletableFuture<TransferReceipt> start(ImportPlan plan, TransferProgress earlier) {
        return CompletableFuture.supplyAsync(() -> activities.transfer(Given.REF, plan, earlier));
    }

    ApplicationFailure fails(ImportPlan plan, TransferProgress earlier) {
        return failureOf(start(plan, earlier));
    }

    static ApplicationFailure failureOf(CompletableFuture<TransferReceipt> transfer) {
        var thrown = catchThrowableOfType(CompletionException.class, transfer::join);
        return (ApplicationFailure) ((ActivityFailure) thrown.getCause()).getCause();
    }

    Pod podOfAttempt(int attempt) {
        return podOfAttempt(attempt, Optional.empty());
    }

    Pod podOfAttempt(int attempt, Optional<ScratchSpace> scratch) {
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
    ScratchSpace scratch(long bytes) {
        claims.put(ClaimBuilder.scratch(
                Given.httpDataVolume(), claims.find("vms", "fedora").orElseThrow(), Optional.of("fast"), bytes));
        return new ScratchSpace("fedora-scratch", bytes);
    }

    static TransferProgress with(ScratchSpace scratch) {
        return TransferProgress.NONE.in(scratch);
    }

    static TransferOutcome needsScratch(long bytes) {
        return new TransferOutcome.Failed(
                ErrorClass.TRANSIENT,
                FailureReason.SCRATCH_REQUIRED,
                "a qcow2 image without ranges",
                Optional.empty(),
                Optional.of(bytes),
                List.of());
    }

    void setRate(String value) {
        objects.change(object -> object.getMetadata().setAnnotations(Map.of("dvflow.io/rate-limit", value)));
    }

    String rateOfPod() {
        return pods.current().orElseThrow().getMetadata().getAnnotations().get("dvflow.io/rate-limit");
    }

    static TransferPlan planOf(Pod pod) {
        return TransferJson.read(pod.getMetadata().getAnnotations().get("dvflow.io/transfer-plan"), TransferPlan.class);
    }

    static DataVolumeStatus shownRestarts(int restarts) {
        return new DataVolumeStatus("fedora", "ImportInProgress", "N/A", restarts, List.of());
    }

    static TransferReport.Progress progress(int percent) {
        return new TransferReport.Progress(TransferPhase.COPY, 100, percent, percent, percent, 0, 1, 1);
    }

    static TransferOutcome failed(ErrorClass errorClass, FailureReason reason, String message) {
        return new TransferOutcome.Failed(errorClass, reason, message, Optional.empty(), List.of());
    }

    String phase() {
        return objects.status() == null ? "" : objects.status().phase();
    }

    Aspect running() {
        return OwnedStatus.aspect(objects.status(), "Running").orElseThrow();
    }
}
