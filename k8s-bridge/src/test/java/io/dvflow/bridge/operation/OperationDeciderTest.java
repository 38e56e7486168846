package io.dvflow.bridge.operation;

import static io.dvflow.bridge.operation.Subjects.subject;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.bridge.engine.EngineState;
import io.dvflow.bridge.engine.Execution;
import io.dvflow.bridge.engine.Message;
import io.dvflow.bridge.queue.Next;
import io.dvflow.workflows.Intent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OperationDeciderTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final Execution NOT_FOUND = new Execution.NotFound();
    private static final Execution RUNNING = new Execution.Running(false);
    private static final Execution BEING_CANCELLED = new Execution.Running(true);
    private static final Execution CLOSED = new Execution.Closed("terminated");
    private static final Execution UNREACHABLE = new Execution.Unreachable();

    private static final Action START = new Action.StartImport("http");
    private static final Action CANCEL = new Action.CancelImport("The DataVolume is being deleted");
    private static final Action CLEAN_UP = new Action.StartCleanUp("The DataVolume is being deleted");

    static Stream<Arguments> table() {
        return Stream.of(
                // what it is about, object, execution, what to do
                row(
                        "new",
                        subject().phase(DataVolumePhase.NEW).withoutFinalizer().withoutWorkflowId(),
                        NOT_FOUND,
                        new Action.Mark()),
                row("marked by half", subject().withoutWorkflowId(), NOT_FOUND, new Action.Mark()),
                row(
                        "finalizer removed by hand while it runs",
                        subject().withoutFinalizer(),
                        RUNNING,
                        new Action.Mark()),
                row("marked, not started", subject().phase(DataVolumePhase.NEW), NOT_FOUND, START),
                row("under way when Temporal lost its data", subject(), NOT_FOUND, START),
                row("Temporal away", subject(), UNREACHABLE, Action.NOTHING),
                row(
                        "terminated by an operator",
                        subject(),
                        CLOSED,
                        new Action.StartCleanUp(
                                "Its workflow ended (terminated) without leaving an outcome on the DataVolume")),
                row(
                        "terminated, forgotten, and being cleaned up",
                        subject(),
                        new Execution.BeingCleanedUp(),
                        Action.NOTHING),
                // over
                row("succeeded", done(), NOT_FOUND, Action.NOTHING),
                row("succeeded, execution still known", done(), CLOSED, Action.NOTHING),
                row("succeeded, execution about to close", done(), RUNNING, Action.NOTHING),
                row("failed", subject().phase(DataVolumePhase.FAILED).withoutFinalizer(), NOT_FOUND, Action.NOTHING),
                row(
                        "cancelled, and Temporal forgot",
                        subject().outcome().withoutFinalizer(),
                        NOT_FOUND,
                        Action.NOTHING),
                row("cancelled, execution still known", subject().outcome().withoutFinalizer(), CLOSED, Action.NOTHING),
                row("over, its workflow is still at it", subject().outcome(), RUNNING, Action.NOTHING),
                row(
                        "over, its workflow died before it had cleaned up",
                        subject().outcome(),
                        CLOSED,
                        new Action.StartCleanUp("The workflow ended before it had cleaned up")),
                row(
                        "over, held, Temporal forgot",
                        subject().phase(DataVolumePhase.SUCCEEDED),
                        NOT_FOUND,
                        new Action.StartCleanUp("The workflow ended before it had cleaned up")),
                // deleted
                row("deleted while it runs", subject().deleting(), RUNNING, CANCEL),
                row("deleted, cancelled already", subject().deleting(), BEING_CANCELLED, Action.NOTHING),
                row("deleted, workflow terminated", subject().deleting(), CLOSED, CLEAN_UP),
                row("deleted, workflow lost", subject().deleting(), NOT_FOUND, CLEAN_UP),
                row("deleted, Temporal away", subject().deleting(), UNREACHABLE, Action.NOTHING),
                row("deleted and over, held", subject().deleting().outcome(), CLOSED, CLEAN_UP),
                row("deleted, held by others only", subject().deleting().withoutFinalizer(), NOT_FOUND, Action.NOTHING),
                row("deleted, release forced", subject().deleting().forceRelease(), RUNNING, new Action.Release()),
                row(
                        "deleted, release forced, Temporal away",
                        subject().deleting().forceRelease(),
                        UNREACHABLE,
                        new Action.Release()),
                row("release forced, not deleted", subject().forceRelease(), RUNNING, Action.NOTHING),
                // not for us
                row("unsupported", subject().unsupported("no").withoutFinalizer(), NOT_FOUND, Action.NOTHING),
                row(
                        "unsupported, deleted",
                        subject().unsupported("no").withoutFinalizer().deleting(),
                        NOT_FOUND,
                        Action.NOTHING),
                // settled
                row("under way", subject(), RUNNING, Action.NOTHING));
    }

    private static Arguments row(String what, Subjects object, Execution execution, Action action) {
        return Arguments.of(what, object.build(), execution, action);
    }

    private static Subjects done() {
        return subject().phase(DataVolumePhase.SUCCEEDED).withoutFinalizer();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void decides(String what, Subject.Present object, Execution execution, Action action) {
        assertThat(decide(object, execution).action()).isEqualTo(action);
    }

    @Test
    void cancelsTheImportOfAnObjectThatIsGone() {
        assertThat(decide(gone(), RUNNING).action()).isEqualTo(new Action.CancelImport("The DataVolume is gone"));
        assertThat(decide(gone(), BEING_CANCELLED).action()).isEqualTo(Action.NOTHING);
        assertThat(decide(gone(), CLOSED).action()).isEqualTo(Action.NOTHING);
        assertThat(decide(gone(), NOT_FOUND).action()).isEqualTo(Action.NOTHING);
        assertThat(decide(gone(), UNREACHABLE).next()).isEqualTo(Next.RETRY);
    }

    @Test
    void asksTemporalOnlyWhenItMatters() {
        assertThat(OperationDecider.needsExecution(done().build())).isFalse();
        assertThat(OperationDecider.needsExecution(subject().unsupported("no").build()))
                .isFalse();
        assertThat(OperationDecider.needsExecution(
                        subject().deleting().forceRelease().build()))
                .isFalse();
        assertThat(OperationDecider.needsExecution(subject().withoutFinalizer().build()))
                .isFalse();
        assertThat(OperationDecider.needsExecution(subject().build())).isTrue();
        assertThat(OperationDecider.needsExecution(subject().deleting().build()))
                .isTrue();
        assertThat(OperationDecider.needsExecution(gone())).isTrue();
    }

    @Nested
    class Conditions {

        @Test
        void areAbsentWhenAllIsWell() {
            assertThat(decide(subject().build(), RUNNING).conditions()).isEqualTo(BridgeConditions.NONE);
        }

        @Test
        void sayThatTemporalIsAway() {
            assertThat(reason(subject(), EngineState.UNREACHABLE)).contains(Reasons.TEMPORAL_UNREACHABLE);
        }

        @Test
        void sayThatWorkersAreAway() {
            assertThat(reason(subject(), EngineState.NO_WORKERS)).contains(Reasons.NO_WORKERS);
        }

        @Test
        void nameTheEscapeWhileADeletionWaitsForTemporal() {
            var complaint = decide(subject().deleting().build(), UNREACHABLE, EngineState.UNREACHABLE, Told.NOTHING)
                    .conditions()
                    .engine();
            assertThat(complaint).get().extracting(c -> c.message()).asString().contains("dvflow.io/force-release");
        }

        @Test
        void sayWhatIsNotSupported() {
            var conditions =
                    decide(subject().unsupported("not yet").build(), NOT_FOUND).conditions();
            assertThat(conditions.support())
                    .contains(new BridgeConditions.Complaint(Reasons.SOURCE_NOT_SUPPORTED, "not yet"));
        }

        @ParameterizedTest
        @EnumSource(EngineState.class)
        void goAwayWhenItIsOver(EngineState state) {
            assertThat(decide(done().build(), NOT_FOUND, state, Told.NOTHING).conditions())
                    .isEqualTo(BridgeConditions.NONE);
        }

        private Optional<String> reason(Subjects subject, EngineState state) {
            return decide(subject.build(), RUNNING, state, Told.NOTHING)
                    .conditions()
                    .engine()
                    .map(BridgeConditions.Complaint::reason);
        }
    }

    @Nested
    class Telling {

        private final Intent paused = new Intent(7, true, false, Optional.empty());
        private final Intent nothing = new Intent(5, false, false, Optional.empty());

        @Test
        void tellsWhatIsNewOnce() {
            var object = subject().intent(paused).build();
            var before = Told.NOTHING.intent(nothing, NOW);

            assertThat(told(object, before)).containsExactly(new Message.TellIntent(paused));
            assertThat(told(object, before.intent(paused, NOW))).isEmpty();
        }

        @Test
        void tellsAgainWhatItDoesNotKnowThatItTold() {
            assertThat(told(subject().build(), Told.NOTHING)).hasSize(1);
        }

        @Test
        void tellsThatARequestWasTakenBackBeforeItWasSeen() {
            // Paused at version 6, which the workflow may have read; resumed at 7.
            var told = Told.NOTHING.intent(nothing, NOW).intentChanged(6);

            assertThat(told(subject().build(), told)).hasSize(1);
        }

        @Test
        void tellsOfCheckpointsOnceWhileOneIsWaitedFor() {
            var known = Told.NOTHING.intent(Intent.NONE, NOW);
            var paused = subject().phase(DataVolumePhase.PAUSED).stages(3).build();

            assertThat(told(paused, known)).containsExactly(new Message.TellCheckpoints(3));
            assertThat(told(paused, known.checkpoints(3))).isEmpty();
            assertThat(told(subject().stages(3).build(), known)).isEmpty();
            assertThat(told(subject().phase(DataVolumePhase.PAUSED).build(), known))
                    .isEmpty();
        }

        @Test
        void repeatsItselfAfterAWhile() {
            var longAgo = Told.NOTHING.intent(nothing, NOW.minus(Duration.ofMinutes(11)));

            assertThat(told(subject().build(), longAgo)).hasSize(1);
        }

        @Test
        void tellsNothingWhileNobodyIsThereToListen() {
            var object = subject().intent(paused).build();
            for (var state : List.of(EngineState.NO_WORKERS, EngineState.UNREACHABLE)) {
                assertThat(decide(object, RUNNING, state, Told.NOTHING).action())
                        .isEqualTo(Action.NOTHING);
            }
        }

        @ParameterizedTest
        @EnumSource(
                value = DataVolumePhase.class,
                names = {"PENDING_POPULATION", "WAIT_FOR_FIRST_CONSUMER"})
        void tellsOfAConsumerOnceWhileOneIsWaitedFor(DataVolumePhase phase) {
            var object = subject().phase(phase).consumer("claim-on-node").build();
            var known = Told.NOTHING.intent(nothing, NOW);

            assertThat(told(object, known)).containsExactly(new Message.TellConsumer("claim-on-node"));
            assertThat(told(object, known.consumer(new Consumer("claim-on-node"))))
                    .isEmpty();
            assertThat(told(object, known.consumer(new Consumer("claim-on-another"))))
                    .hasSize(1);
        }

        @Test
        void keepsAConsumerToItselfWhenNoneIsWaitedFor() {
            var object = subject().consumer("claim-on-node").build();

            assertThat(told(object, Told.NOTHING.intent(nothing, NOW))).isEmpty();
        }

        private List<Message> told(Subject.Present object, Told told) {
            return decide(object, RUNNING, EngineState.AVAILABLE, told).action() instanceof Action.Tell tell
                    ? tell.messages()
                    : List.of();
        }
    }

    private static Decision decide(Subject object, Execution execution) {
        Told knowsAll = Told.NOTHING.intent(new Intent(7, false, false, Optional.empty()), NOW);
        return decide(object, execution, EngineState.AVAILABLE, knowsAll);
    }

    private static Decision decide(Subject object, Execution execution, EngineState state, Told told) {
        return OperationDecider.decide(object, execution, state, told, NOW);
    }

    private static Subject gone() {
        return new Subject.Gone(Subjects.REF);
    }
}
