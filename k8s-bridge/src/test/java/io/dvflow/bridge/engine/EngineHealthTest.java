package io.dvflow.bridge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.workflows.OperationRef;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class EngineHealthTest {

    private BooleanSupplier answer = () -> true;
    private final EngineHealth health = new EngineHealth(new OnlyProbed());
    private final List<EngineState> changes = new ArrayList<>();

    EngineHealthTest() {
        health.onChange(changes::add);
    }

    @Test
    void aHiccupIsNoOutage() {
        answer = EngineHealthTest::unreachable;
        look(2);
        answer = () -> true;
        look(1);

        assertThat(health.state()).isEqualTo(EngineState.AVAILABLE);
        assertThat(changes).isEmpty();
    }

    @Test
    void anOutageIsBelievedWhenItLastsAndItsEndAtOnce() {
        answer = EngineHealthTest::unreachable;
        look(3);
        assertThat(health.state()).isEqualTo(EngineState.UNREACHABLE);

        answer = () -> true;
        look(1);
        assertThat(changes).containsExactly(EngineState.UNREACHABLE, EngineState.AVAILABLE);
    }

    @Test
    void missingWorkersAreNotAnUnreachableServer() {
        answer = () -> false;
        look(3);

        assertThat(health.state()).isEqualTo(EngineState.NO_WORKERS);
    }

    @Test
    void aServerThatRefusesIsAsGoodAsUnreachable() {
        answer = () -> {
            throw new EngineRefusedException("do it", new IllegalStateException("no such namespace"));
        };
        look(3);

        assertThat(health.state()).isEqualTo(EngineState.UNREACHABLE);
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            health.look();
        }
    }

    private static boolean unreachable() {
        throw new EngineUnavailableException("do it", "it is down", new IllegalStateException("down"));
    }

    private final class OnlyProbed implements WorkflowEngine {
        @Override
        public boolean workersPoll() {
            return answer.getAsBoolean();
        }

        @Override
        public Execution describeImport(OperationRef object) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void startImport(OperationRef object, String source) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void cancelImport(OperationRef object, String reason) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void startCleanUp(OperationRef object, String reason) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void tell(OperationRef object, Message message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<OperationRef> openImports() {
            throw new UnsupportedOperationException();
        }
    }
}
