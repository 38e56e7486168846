package io.dvflow.bridge.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.bridge.engine.EngineHealth;
import io.dvflow.bridge.engine.Message;
import io.dvflow.bridge.queue.SettableClock;
import io.dvflow.bridge.sweep.OrphanSweep;
import io.dvflow.workflows.OperationRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever happens in whatever order, the model's own checks hold (nothing ended is started, nothing is cleaned up
 * under a running import, no finalizer is dropped unasked), and when things calm down everything is in order.
 */
class OperationInvariantsTest {

    private static final int STEPS = 60;

    private final SettableClock clock = new SettableClock();
    private final World world = new World();
    private final Set<OperationRef> known = new LinkedHashSet<>();
    private EngineHealth health;
    private OperationReconciler reconciler;

    OperationInvariantsTest() {
        restartBridge();
    }

    static List<Integer> seeds() {
        List<Integer> seeds = new ArrayList<>();
        for (int seed = 0; seed < 1000; seed++) {
            seeds.add(seed);
        }
        return seeds;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void holdWhateverHappens(int seed) {
        var random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            something(random);
            world.current().ifPresent(known::add);
            if (random.nextBoolean()) {
                lookAtEverything();
            }
        }
        calmDown();

        assertThat(world.openImports())
                .as("imports without an object")
                .allMatch(ref -> world.current().filter(ref::equals).isPresent());
        world.object().ifPresent(found -> {
            OperationRef ref = Subject.refOf(found);
            assertThat(found.getMetadata().getDeletionTimestamp())
                    .as("deletion hangs")
                    .isNull();
            boolean ended = found.getMetadata().getAnnotations().containsKey(DvflowAnnotations.OUTCOME);
            assertThat(world.isRunning(ref)).as("running unless ended").isEqualTo(!ended);
            assertThat(found.getMetadata().getFinalizers().contains(Finalizers.OPERATION))
                    .as("held while it runs")
                    .isEqualTo(!ended);
        });
    }

    private void something(Random random) {
        switch (random.nextInt(17)) {
            case 0, 1 -> world.create();
            case 2 -> world.annotate(DvflowAnnotations.PAUSED, Boolean.toString(random.nextBoolean()));
            case 3 -> world.delete();
            case 4 -> world.annotate(DvflowAnnotations.FORCE_RELEASE, "true");
            case 5 -> world.takeFinalizerOffByHand();
            case 6 -> world.terminateInTemporal();
            case 7 -> world.temporalGoesAway();
            case 8, 9 -> world.temporalComesBack();
            case 10 -> world.temporalForgetsWhatIsClosed();
            case 11 -> world.temporalLosesEverything();
            case 12 -> world.workersWork();
            case 13 -> world.importSucceeds();
            case 14 -> restartBridge();
            default -> world.watchCatchesUp();
        }
        clock.advance(Duration.ofSeconds(random.nextInt(30)));
    }

    private void lookAtEverything() {
        health.look();
        known.forEach(reconciler::reconcile);
    }

    private void calmDown() {
        world.temporalComesBack();
        for (int i = 0; i < 10; i++) {
            world.watchCatchesUp();
            world.current().ifPresent(known::add);
            lookAtEverything();
            new OrphanSweep(world, ref -> world.current().filter(ref::equals).isPresent()).sweep();
            world.workersWork();
        }
    }

    private void restartBridge() {
        health = new EngineHealth(world);
        var listener = new Messenger.Listener() {
            @Override
            public void told(OperationRef ref) {
                known.add(ref);
            }

            @Override
            public void failed(OperationRef ref) {
                known.add(ref);
            }
        };
        var messenger = new Messenger(world, Runnable::run, clock, listener);
        reconciler = new OperationReconciler(world, world, health, messenger, clock);
    }

    @Test
    void anIntentIsToldOnceAndAgainAfterTheBridgeWasRestarted() {
        world.create();
        lookUntilSettled();
        world.annotate(DvflowAnnotations.PAUSED, "true");
        lookUntilSettled();

        assertThat(told()).containsExactly(true);

        restartBridge();
        lookUntilSettled();
        assertThat(told()).containsExactly(true, true);
        world.annotate(DvflowAnnotations.PAUSED, "false");
        lookUntilSettled();
        assertThat(told()).containsExactly(true, true, false);
    }

    private void lookUntilSettled() {
        for (int i = 0; i < 5; i++) {
            world.watchCatchesUp();
            world.current().ifPresent(known::add);
            lookAtEverything();
        }
    }

    private List<Boolean> told() {
        return world.messages().stream()
                .map(message -> ((Message.TellIntent) message).intent().paused())
                .toList();
    }
}
