package io.dvflow.bridge.operation;

import io.dvflow.bridge.engine.EngineState;
import io.dvflow.bridge.engine.Execution;
import io.dvflow.bridge.engine.Message;
import io.dvflow.bridge.queue.Next;
import io.dvflow.workflows.OperationRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to do about an operation, given its object and its workflow. Pure: the same observation gives the same decision,
 * so that a bridge that was away, or that sees the same thing twice, does the right thing.
 */
final class OperationDecider {

    /** A running operation is looked at this often: nothing in Kubernetes tells of a workflow that was terminated. */
    private static final Next RECHECK_RUNNING = Next.after(Duration.ofSeconds(60));

    /** An event is due within this time; the look is for the case that it does not come. */
    private static final Next EVENT_IS_DUE = Next.after(Duration.ofSeconds(5));

    /** An intent is repeated after this time, against changes that came and went while the watch was broken. */
    static final Duration REPEAT_INTENT = Duration.ofMinutes(10);

    private OperationDecider() {}

    /** Whether the decision depends on the workflow at all; asking Temporal about settled objects would be a waste. */
    static boolean needsExecution(Subject subject) {
        return switch (subject) {
            case Subject.Gone _ -> true;
            case Subject.Present object when object.deleting() -> object.held() && !object.forceRelease();
            case Subject.Present object when object.ended() -> object.held();
            case Subject.Present object -> object.support() instanceof Support.Import && object.marked();
        };
    }

    /** @param execution any value if {@link #needsExecution} says so */
    static Decision decide(Subject subject, Execution execution, EngineState engine, Told told, Instant now) {
        return switch (subject) {
            case Subject.Gone(OperationRef ref) -> gone(ref, execution);
            case Subject.Present object when object.deleting() -> deleting(object, execution, engine);
            case Subject.Present object when object.ended() -> ended(object, execution);
            case Subject.Present object ->
                switch (object.support()) {
                    case Support.None(String message) ->
                        new Decision(Action.NOTHING, BridgeConditions.unsupported(message), Next.SETTLED);
                    case Support.Import(String source) -> open(object, source, execution, engine, told, now);
                };
        };
    }

    private static Decision gone(OperationRef ref, Execution execution) {
        return switch (execution) {
            case Execution.Running(boolean cancelRequested)
            when !cancelRequested ->
                new Decision(new Action.CancelImport(the(ref) + " is gone"), BridgeConditions.NONE, Next.SETTLED);
            case Execution.Unreachable _ -> new Decision(Action.NOTHING, BridgeConditions.NONE, Next.RETRY);
            case Execution.Running _, Execution.BeingCleanedUp _, Execution.NotFound _, Execution.Closed _ ->
                new Decision(Action.NOTHING, BridgeConditions.NONE, Next.SETTLED);
        };
    }

    private static Decision deleting(Subject.Present object, Execution execution, EngineState engine) {
        if (!object.held()) {
            return new Decision(Action.NOTHING, object.conditions(), Next.SETTLED);
        }
        if (object.forceRelease()) {
            return new Decision(new Action.Release(), object.conditions(), Next.SETTLED);
        }
        Action action = switch (execution) {
            case Execution.Running(boolean cancelRequested)
            when !cancelRequested -> new Action.CancelImport(the(object.ref()) + " is being deleted");
            case Execution.Running _, Execution.BeingCleanedUp _, Execution.Unreachable _ -> Action.NOTHING;
            case Execution.Closed _, Execution.NotFound _ ->
                new Action.StartCleanUp(the(object.ref()) + " is being deleted");
        };
        return new Decision(action, BridgeConditions.whileDeleting(engine), Next.RETRY);
    }

    /** Never started again, whatever Temporal still knows; at most what an interrupted ending left is removed. */
    private static Decision ended(Subject.Present object, Execution execution) {
        if (!object.held()) {
            return new Decision(Action.NOTHING, BridgeConditions.NONE, Next.SETTLED);
        }
        Action action = switch (execution) {
            case Execution.Running _, Execution.BeingCleanedUp _, Execution.Unreachable _ -> Action.NOTHING;
            case Execution.Closed _, Execution.NotFound _ ->
                new Action.StartCleanUp("The workflow ended before it had cleaned up");
        };
        return new Decision(action, BridgeConditions.NONE, Next.RETRY);
    }

    private static Decision open(
            Subject.Present object, String source, Execution execution, EngineState engine, Told told, Instant now) {
        BridgeConditions conditions = BridgeConditions.of(engine);
        if (!object.marked()) {
            return new Decision(new Action.Mark(), conditions, EVENT_IS_DUE);
        }
        return switch (execution) {
            case Execution.NotFound _ -> new Decision(new Action.StartImport(source), conditions, EVENT_IS_DUE);
            case Execution.Running _ -> new Decision(tell(object, engine, told, now), conditions, RECHECK_RUNNING);
            case Execution.Closed(String how) ->
                new Decision(
                        new Action.StartCleanUp("Its workflow ended (" + how + ") without leaving an outcome on the "
                                + object.ref().theKind().word()),
                        conditions,
                        Next.RETRY);
            case Execution.BeingCleanedUp _, Execution.Unreachable _ ->
                new Decision(Action.NOTHING, conditions, Next.RETRY);
        };
    }

    private static String the(OperationRef ref) {
        return "The " + ref.theKind().word();
    }

    private static Action tell(Subject.Present object, EngineState engine, Told told, Instant now) {
        if (engine != EngineState.AVAILABLE) {
            // An update needs a worker; the object is looked at again as soon as there is one.
            return Action.NOTHING;
        }
        List<Message> messages = new ArrayList<>();
        if (told.needs(object.intent(), now.minus(REPEAT_INTENT))) {
            messages.add(new Message.TellIntent(object.intent()));
        }
        object.consumer()
                .filter(_ -> object.waitsForConsumer())
                .filter(consumer -> !told.consumer().equals(Optional.of(consumer)))
                .ifPresent(consumer -> messages.add(new Message.TellConsumer(consumer.id())));
        object.awaitsCheckpointSince()
                .filter(generation -> generation > told.checkpointsAt())
                .ifPresent(generation -> messages.add(new Message.TellCheckpoints(generation)));
        return messages.isEmpty() ? Action.NOTHING : new Action.Tell(messages);
    }
}
