package io.dvflow.workflows.import_;

import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs one activity at a time so that a request can interrupt it: also while it waits out a back-off of minutes, which
 * is when people ask. An interrupted activity is known to have ended before anything else is done.
 */
final class InterruptibleSteps {

    private final Requests requests;
    private Optional<Instant> deadline = Optional.empty();

    InterruptibleSteps(Requests requests) {
        this.requests = requests;
    }

    /** From now on, whatever runs or waits at that moment ends with {@link DeadlineReached}. */
    void giveUpAt(Optional<Instant> moment) {
        deadline = moment;
    }

    /**
     * Runs the activity to its end.
     *
     * @return its result, or empty when a pause, a retry or a cancellation came first; the activity is over then
     * @throws ActivityFailure what the activity ended with, if it was not interrupted
     */
    <T> Optional<T> run(Functions.Func<T> activity) {
        int retriesBefore = requests.retries();
        return Optional.ofNullable(
                start(activity, () -> requests.paused() || requests.cancelled() || requests.retries() > retriesBefore));
    }

    /** Like {@link #run}, for a step that is too late to pause or cancel: only a retry makes it start again. */
    <T> T runToEnd(Functions.Func<T> activity) {
        while (true) {
            int retriesBefore = requests.retries();
            T result = start(activity, () -> requests.retries() > retriesBefore);
            if (result != null) {
                return result;
            }
        }
    }

    /** Waits until something happens or the time is up, but never past the deadline. */
    void await(Duration atMost, Functions.Func<Boolean> happened) {
        Duration left = deadline.map(this::untilDeadline).orElse(atMost);
        Duration wait = left.compareTo(atMost) < 0 ? left : atMost;
        if (!Workflow.await(wait, happened::apply) && deadlinePassed()) {
            throw new DeadlineReached(deadline.orElseThrow());
        }
    }

    /** Waits for as long as it takes, but never past the deadline. */
    void await(Functions.Func<Boolean> happened) {
        if (deadline.isEmpty()) {
            Workflow.await(happened::apply);
        } else {
            await(Duration.ofDays(36500), happened);
        }
    }

    private <T> T start(Functions.Func<T> activity, Functions.Func<Boolean> interrupted) {
        AtomicReference<Promise<T>> running = new AtomicReference<>();
        CancellationScope scope = Workflow.newCancellationScope(() -> running.set(Async.function(activity)));
        scope.run();
        Promise<T> result = running.get();
        try {
            await(() -> result.isCompleted() || interrupted.apply());
        } catch (CanceledFailure | DeadlineReached e) {
            scope.cancel("the operation ends");
            T finished = resultDespiteCancellation(result);
            if (finished != null) {
                return finished;
            }
            throw e;
        }
        if (result.isCompleted()) {
            return result.get();
        }
        scope.cancel("interrupted on request");
        return resultDespiteCancellation(result);
    }

    /** Waits for the cancelled activity to end; its result if it was done before it heard, or null. */
    private static <T> T resultDespiteCancellation(Promise<T> result) {
        AtomicReference<T> finished = new AtomicReference<>();
        Workflow.newDetachedCancellationScope(() -> {
                    Workflow.await(result::isCompleted);
                    if (result.getFailure() == null) {
                        finished.set(result.get());
                    } else if (!endedByCancellation(result.getFailure())) {
                        throw result.getFailure();
                    }
                })
                .run();
        return finished.get();
    }

    /** An attempt that was cut off or failed after the request counts too: it is not tried again, and over. */
    private static boolean endedByCancellation(RuntimeException failure) {
        return failure instanceof CanceledFailure
                || (failure instanceof ActivityFailure ended && !EndOfOperation.isFinal(ended));
    }

    private Duration untilDeadline(Instant moment) {
        Duration left = Duration.between(Instant.ofEpochMilli(Workflow.currentTimeMillis()), moment);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private boolean deadlinePassed() {
        return deadline.isPresent() && untilDeadline(deadline.get()).isZero();
    }

    /** The user's deadline has come before the operation was done. */
    static final class DeadlineReached extends RuntimeException {
        private static final long serialVersionUID = 1;

        DeadlineReached(Instant deadline) {
            super("The deadline " + deadline + " passed before the disk was complete");
        }
    }
}
