package io.dvflow.workflows.import_;

import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.RateChange;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.temporal.activity.Activity;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationFailure;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** The activities without a cluster: they write down what they were called for, and fail or wait when told to. */
final class FakeSteps implements PlanActivities, ClaimActivities, TransferActivities, FinishActivities {

    static final ResumeMap HALF = new ResumeMap(
            new ResumeMap.SourcePin("http://images/disk", 200, Optional.of("\"e\""), Optional.empty()),
            List.of(new ResumeMap.ByteRange(0, 100)));

    final List<String> calls = new CopyOnWriteArrayList<>();
    final Deque<RuntimeException> planFailures = new ArrayDeque<>();
    final Deque<RuntimeException> transferFailures = new ArrayDeque<>();
    final Deque<RuntimeException> scratchFailures = new ArrayDeque<>();
    final Deque<ClaimState> claimStates = new ArrayDeque<>();
    final BlockingQueue<String> heldTransfers = new LinkedBlockingQueue<>();
    final AtomicBoolean holdTransfer = new AtomicBoolean();

    /** Released by the test; a transfer that was told to end waits for it before it does. */
    final CountDownLatch mayEnd = new CountDownLatch(1);

    /** What the spec says; a stage counts as copied once it was written down. */
    final AtomicReference<Stages> stages = new AtomicReference<>();

    ClaimPath path = ClaimPath.POPULATOR;
    boolean slowToEnd;
    Optional<Instant> deadline = Optional.empty();
    Intent intent = Intent.NONE;

    @Override
    public ImportPlan plan(OperationRef object) {
        calls.add("plan");
        failWith(planFailures);
        ImportPlan whole = new ImportPlan(
                object.name(),
                path,
                !claimStates.isEmpty(),
                "Filesystem",
                "ReadWriteOnce",
                Optional.of("fast"),
                "http",
                200,
                220,
                0.06,
                false,
                Optional.empty(),
                deadline,
                intent);
        return stages.get() == null ? whole : whole.inStages(stages.get());
    }

    @Override
    public Stages nextStage(OperationRef object, ImportPlan plan) {
        calls.add("next after " + plan.checkpoint().map(Checkpoint::current).orElse("nothing"));
        return stages.updateAndGet(known -> new Stages(
                known.checkpoints(),
                known.complete(),
                known.copied() + (plan.checkpoint().isPresent() ? 1 : 0)));
    }

    void append(boolean complete, Checkpoint... more) {
        stages.updateAndGet(known -> {
            List<Checkpoint> all = new ArrayList<>(known == null ? List.of() : known.checkpoints());
            all.addAll(List.of(more));
            return new Stages(all, complete, known == null ? 0 : known.copied());
        });
    }

    @Override
    public ClaimState prepare(OperationRef object, ImportPlan plan) {
        ClaimState state = claimStates.isEmpty() ? ClaimState.READY_TO_FILL : claimStates.removeFirst();
        calls.add("prepare " + state);
        return state;
    }

    @Override
    public TransferReceipt transfer(OperationRef object, ImportPlan plan, TransferProgress earlier) {
        plan.checkpoint().ifPresent(stage -> calls.add("at " + stage.current()));
        calls.add("transfer from "
                + earlier.durable().map(ResumeMap::finishedBytes).orElse(0L)
                + earlier.scratch().map(space -> " in " + space.claimName()).orElse(""));
        failWith(transferFailures);
        if (holdTransfer.get()) {
            holdUntilTold();
        }
        return new TransferReceipt("Import Complete", "raw", 200, 200, 200, false, earlier.restarts(), List.of());
    }

    @Override
    public ScratchSpace prepareScratch(OperationRef object, ImportPlan plan, long bytes) {
        calls.add("prepare scratch of " + bytes);
        failWith(scratchFailures);
        return new ScratchSpace(object.name() + "-scratch", bytes);
    }

    static ApplicationFailure needsScratch(long bytes) {
        return ApplicationFailure.newNonRetryableFailure(
                "no ranges", FailureTypes.SCRATCH_REQUIRED, "Scratch space required", bytes);
    }

    private void holdUntilTold() {
        heldTransfers.add("held");
        try {
            while (holdTransfer.get()) {
                Activity.getExecutionContext().heartbeat("held");
                if (mayEnd.await(20, TimeUnit.MILLISECONDS) && !slowToEnd) {
                    return;
                }
            }
        } catch (ActivityCompletionException e) {
            if (slowToEnd) {
                await(mayEnd);
            }
            calls.add("transfer ended early");
            throw e;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public TransferProgress stop(OperationRef object, ImportPlan plan, TransferProgress earlier, StopReason reason) {
        calls.add("stop " + reason);
        return new TransferProgress(earlier.restarts(), Optional.of(HALF), earlier.scratch());
    }

    @Override
    public void limitRate(OperationRef object, RateChange change) {
        calls.add("limit rate to " + change.asked().orElse("what the object says"));
    }

    @Override
    public void handOver(OperationRef object, ImportPlan plan) {
        calls.add("hand over");
    }

    @Override
    public void succeed(OperationRef object, ImportPlan plan, Optional<TransferReceipt> receipt) {
        calls.add("succeed");
    }

    @Override
    public void abandon(OperationRef object, Outcome outcome, String message) {
        calls.add("abandon " + outcome + ": " + message);
    }

    private static void failWith(Deque<RuntimeException> failures) {
        RuntimeException failure;
        synchronized (failures) {
            failure = failures.pollFirst();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
