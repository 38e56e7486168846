package io.dvflow.activities.transfer;

import io.dvflow.activities.Patience;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.FilledClaim;
import io.dvflow.activities.kubernetes.Bell;
import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.activities.kubernetes.Following;
import io.dvflow.api.DvflowLabels;
import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.transfer.TransferHeartbeat;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.activity.Activity;
import io.temporal.activity.ActivityExecutionContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One attempt at following a transfer to its end. Looks at the pod as it is, never at how it came to be so: whatever an
 * earlier attempt had done, this one goes on from there. A pod that runs is adopted; one that failed is reported by the
 * attempt that sees it fail, and replaced by the next.
 */
final class TransferRun {

    private static final Duration READING_IS_FRESH = Duration.ofSeconds(5);

    private final TransferActivitiesImpl.Doors doors;
    private final Supplier<PodSettings> settings;
    private final TransferTimings timings;
    private final Clock clock;
    private final OperationRef object;
    private final ImportPlan plan;
    private final ActivityExecutionContext temporal = Activity.getExecutionContext();
    private final Bell bell = new Bell();
    private final Slot slot;
    private final Replacement replacement;
    private final StartTrouble startTrouble;
    private final Provision provision;
    private final PodFollower log;
    private final TransferShow show;
    private final LogKeeper keeper;

    private final DataVolume dataVolume;
    private final PersistentVolumeClaim target;
    private int restarts;
    private Optional<ResumeMap> durable;
    private final Optional<ScratchSpace> scratch;
    /** The pod that this attempt has seen alive; when it vanishes, that is news. */
    private Optional<Pod> followed = Optional.empty();
    /** UID of the pod that is known to read at the object's rate, which may have changed while the pod was made. */
    private Optional<String> paced = Optional.empty();

    TransferRun(
            TransferActivitiesImpl.Doors doors,
            Supplier<PodSettings> settings,
            TransferTimings timings,
            Clock clock,
            OperationRef object,
            ImportPlan plan,
            TransferProgress earlier) {
        this.doors = doors;
        this.settings = settings;
        this.timings = timings;
        this.clock = clock;
        this.object = object;
        this.plan = plan;
        this.slot = new Slot(timings.keepSlot(), clock);
        this.log = new PodFollower(doors.pods(), bell);
        this.replacement = new Replacement(doors.pods());
        this.startTrouble = new StartTrouble(doors.pods(), timings.showEvery());
        this.dataVolume = doors.status().read(object);
        this.target = FilledClaim.target(doors.claims(), object.namespace(), plan);
        this.keeper = new LogKeeper(doors, object);
        this.show = new TransferShow(doors, timings, plan, dataVolume, target);
        this.provision = new Provision(doors.pods(), settings, show);
        TransferProgress beaten = temporal.getHeartbeatDetails(TransferHeartbeat.class)
                .map(TransferHeartbeat::soFar)
                .orElse(TransferProgress.NONE);
        this.restarts = Math.max(Math.max(earlier.restarts(), beaten.restarts()), shownRestarts());
        this.durable = beaten.durable().or(earlier::durable);
        this.scratch = earlier.scratch();
    }

    TransferReceipt toEnd() {
        try (Following<Pod> pod = doors.pods().follow(object.namespace(), podName(), bell);
                PodFollower _ = log) {
            while (true) {
                Optional<TransferReceipt> receipt = look(pod);
                if (receipt.isPresent()) {
                    return receipt.get();
                }
                heartbeat(pod);
                bell.await(timings.tick());
            }
        }
    }

    private Optional<TransferReceipt> look(Following<Pod> following) {
        Optional<Pod> pod = following.latest();
        if (pod.filter(each -> !isOurs(each)).isPresent()) {
            return waitForStranger(pod.get());
        }
        return switch (PodReader.stateOf(pod)) {
            case PodState.Absent _ -> startOrReportLoss(following);
            case PodState.Pending pending -> wait(pending);
            case PodState.Running running -> follow(running.pod());
            case PodState.Leaving leaving -> waitUntilGone(leaving.pod());
            case PodState.Complete complete -> finish(complete);
            case PodState.NeedsScratch needs -> askForScratchOrReplace(needs);
            case PodState.Failed failed -> reportOrReplace(failed);
        };
    }

    private Optional<TransferReceipt> startOrReportLoss(Following<Pod> following) {
        if (followed.isPresent()) {
            Pod lost = followed.get();
            throw report(
                    lost,
                    PodFailure.transientTrouble(
                            PodFailure.POD_ENDED,
                            "Transfer pod " + nameOf(lost)
                                    + " was deleted while it ran; it goes on from where it was"));
        }
        heartbeat(following);
        if (slot.heldFor().compareTo(READING_IS_FRESH) > 0) {
            // Last look before a pod is made: this attempt may be one that Temporal has given up on.
            doors.status().read(object);
        }
        scratch.ifPresent(this::requireThere);
        String name = podName();
        try {
            Pod created = doors.pods()
                    .create(TransferPodBuilder.build(
                            dataVolume,
                            plan,
                            FilledClaim.of(doors.claims(), target, plan),
                            new TransferProgress(restarts, durable, scratch),
                            settings.get()));
            following.created(created);
            provision.provide(created, restarts);
            show.scheduled(created, restarts);
        } catch (Conflict e) {
            // Somebody made it, or the old one is not quite gone: the watch will show which.
            show.awaits("a pod named " + object.namespace() + "/" + name + " exists already");
        } catch (Trouble e) {
            show.cannotStart(name, e, restarts);
            throw e;
        }
        return Optional.empty();
    }

    /** A pod of the object's predecessor, say: as long as it is there, it may be writing. */
    private Optional<TransferReceipt> waitForStranger(Pod pod) {
        String name = nameOf(pod);
        show.awaits("pod " + name + " belongs to another operation; waiting for it to be gone");
        slot.giveBackAfterLong(
                Reasons.ERR_STARTING_POD,
                "Error starting pod '" + name + "': a pod of that name exists and belongs to another operation; "
                        + "delete it if nothing else does");
        return Optional.empty();
    }

    private Optional<TransferReceipt> wait(PodState.Pending seen) {
        adopt(seen.pod());
        provision.provide(seen.pod(), restarts);
        Instant created = PodReader.createdAt(seen.pod());
        Duration age = Duration.between(created, clock.instant());
        PodState.Pending pending = age.compareTo(timings.settle()) < 0 ? seen : startTrouble.explain(seen);
        show.pending(pending, age, restarts);
        slot.giveBackIfSoSince(
                created,
                pending.reason(),
                "Transfer pod " + nameOf(pending.pod()) + " does not run yet: "
                        + (pending.message().isEmpty() ? pending.reason() : pending.message()));
        return Optional.empty();
    }

    private Optional<TransferReceipt> follow(Pod pod) {
        adopt(pod);
        if (!paced.equals(Optional.of(pod.getMetadata().getUid()))) {
            new PodRate(doors).follow(object, pod);
            paced = Optional.of(pod.getMetadata().getUid());
        }
        log.follow(pod);
        show.running(pod, log.said().progress(), restarts);
        return Optional.empty();
    }

    private Optional<TransferReceipt> finish(PodState.Complete complete) {
        complete.outcome().vddk().ifPresent(show::readByVddk);
        return Optional.of(receiptOf(complete));
    }

    private Optional<TransferReceipt> waitUntilGone(Pod pod) {
        show.awaits("pod " + nameOf(pod) + " on node " + pod.getSpec().getNodeName()
                + " was told to end and is not gone yet");
        slot.giveBackIfSoSince(
                Instant.parse(pod.getMetadata().getDeletionTimestamp()),
                "PodNotGone",
                "Waiting for pod " + nameOf(pod) + " to be gone: node "
                        + pod.getSpec().getNodeName() + " has not confirmed that it ended, and until then nothing "
                        + "else may write to the volume");
        return Optional.empty();
    }

    /** No failure: the same attempt again, with more room. Unless the pod had the room that it asks for. */
    private Optional<TransferReceipt> askForScratchOrReplace(PodState.NeedsScratch needs) {
        Optional<Long> had = PodReader.scratchOf(needs.pod());
        if (had.filter(bytes -> bytes >= needs.bytes()).isPresent()) {
            return reportOrReplace(new PodState.Failed(
                    needs.pod(), PodFailure.transientTrouble(FailureReason.SCRATCH_REQUIRED.name(), needs.message())));
        }
        if (scratch.filter(space -> space.bytes() >= needs.bytes()).isEmpty()) {
            throw askForScratch(needs.message(), needs.bytes());
        }
        drain();
        if (!isBeingReplaced(needs.pod())) {
            replace(needs.pod());
        }
        return Optional.empty();
    }

    private Trouble askForScratch(String message, long bytes) {
        show.scratchRequired(restarts);
        return Trouble.scratchRequired(Reasons.SCRATCH_SPACE_REQUIRED, message, bytes);
    }

    /** Somebody may have deleted it since; a pod would wait for it forever. */
    private void requireThere(ScratchSpace space) {
        if (doors.claims().find(object.namespace(), space.claimName()).isEmpty()) {
            throw askForScratch("Scratch claim " + space.claimName() + " is gone", space.bytes());
        }
    }

    private Optional<TransferReceipt> reportOrReplace(PodState.Failed failed) {
        Pod pod = failed.pod();
        drain();
        if (isBeingReplaced(pod)) {
            return Optional.empty();
        }
        boolean reported = followed.isEmpty() && PodReader.attemptOf(pod) <= shownRestarts();
        if (!reported || endsTheOperation(failed.failure(), PodReader.attemptOf(pod))) {
            throw report(pod, failed.failure());
        }
        restarts = Math.max(restarts, PodReader.attemptOf(pod));
        replace(pod);
        return Optional.empty();
    }

    private boolean isBeingReplaced(Pod pod) {
        boolean underWay = replacement.isUnderWayFor(pod);
        if (underWay) {
            slot.giveBackAfterLong("PodNotGone", "Waiting for the ended pod " + nameOf(pod) + " to be gone");
        }
        return underWay;
    }

    private void replace(Pod pod) {
        durable = replacement.begin(pod).or(() -> durable);
        // What was seen of it has been dealt with: that it vanishes is no news.
        followed = Optional.empty();
        show.awaits("the ended pod " + nameOf(pod) + " makes room for the next");
    }

    private TransferReceipt receiptOf(PodState.Complete complete) {
        drain();
        show.completed(complete.pod());
        keeper.keep(complete.pod(), log.saidBy(complete.pod()));
        TransferReceipt receipt = PodReader.receiptOf(complete);
        doors.meter().completed(plan.source(), receipt);
        return receipt;
    }

    private Trouble report(Pod pod, PodFailure failure) {
        restarts = Math.max(restarts, PodReader.attemptOf(pod));
        boolean ceiling = failure.errorClass() != ErrorClass.FINAL && endsTheOperation(failure, restarts);
        show.failed(pod, failure, restarts);
        keeper.keep(pod, log.saidBy(pod));
        doors.meter().failed(plan.source(), failure.cause());
        Trouble.Kind kind = ceiling ? Trouble.Kind.GAVE_UP : failure.kind();
        String message = ceiling
                ? "Gave up after " + restarts + " attempts, as the object asks: " + failure.message()
                : failure.message();
        // The map must be with Temporal before the failure is: the next attempt starts from it.
        temporal.heartbeat(heartbeatOf(pod, "failed: " + failure.message()));
        return Trouble.of(kind, failure.conditionReason(), message, failure.retryAfter(), null)
                .forTheTime(restarts);
    }

    private boolean endsTheOperation(PodFailure failure, int attempts) {
        return failure.errorClass() == ErrorClass.FINAL
                || plan.maxAttempts().filter(most -> attempts >= most).isPresent();
    }

    private boolean isOurs(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getLabels())
                .map(labels -> labels.get(DvflowLabels.DATAVOLUME_UID))
                .filter(object.uid()::equals)
                .isPresent();
    }

    private void adopt(Pod pod) {
        followed = Optional.of(pod);
        restarts = Math.max(restarts, PodReader.attemptOf(pod) - 1);
    }

    private void drain() {
        Patience patience = Patience.of(timings.drain());
        while (!log.hasEnded() && !patience.isOver()) {
            bell.await(Duration.ofMillis(100));
        }
    }

    private void heartbeat(Following<Pod> following) {
        String away = following.isCurrent() ? "" : "; the API server does not answer";
        Optional<Pod> pod = following.latest();
        String doing = pod.map(each -> show.doing()).orElse("starting a pod") + away;
        temporal.heartbeat(pod.map(each -> heartbeatOf(each, doing))
                .orElseGet(() -> new TransferHeartbeat("", "", doing, Optional.empty(), soFar())));
    }

    private TransferHeartbeat heartbeatOf(Pod pod, String doing) {
        return new TransferHeartbeat(
                nameOf(pod), pod.getMetadata().getUid(), doing, log.said().progress(), soFar());
    }

    private TransferProgress soFar() {
        return new TransferProgress(restarts, log.said().durable().or(() -> durable), scratch);
    }

    private int shownRestarts() {
        return Optional.ofNullable(dataVolume.getStatus())
                .map(DataVolumeStatus::restartCount)
                .orElse(0);
    }

    private String podName() {
        return PodNames.importer(FilledClaim.nameFor(target, plan), plan.checkpoint());
    }

    private static String nameOf(Pod pod) {
        return pod.getMetadata().getName();
    }
}
