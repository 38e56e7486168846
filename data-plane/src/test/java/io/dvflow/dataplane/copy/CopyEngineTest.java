package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.image.BlankImage;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.DiskTarget;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopyEngineTest {

    private final StopSignal stop = new StopSignal();
    private final Ledger ledger = new Ledger(Optional.empty());

    /** A library that turns out not to fit ends in a LinkageError, say. */
    @Test
    void aWorkerThatEndsInAnErrorIsHeardOf() {
        Error trouble = new NoClassDefFoundError("a decoder");
        CopyEngine engine = new CopyEngine(targetWhoseCallsEndIn(trouble), ledger, stop, 2);

        assertThatThrownBy(() -> engine.copy(new BlankImage(1 << 20), 0, () -> {
                    throw new IllegalStateException("Nothing is fetched of a blank image");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("Copying failed: java.lang.NoClassDefFoundError: a decoder")
                .hasCause(trouble);
        assertThat(stop.isRaised()).isTrue();
        assertThat(ledger.doneBytes()).isZero();
    }

    private static DiskTarget targetWhoseCallsEndIn(Error trouble) {
        return (DiskTarget) Proxy.newProxyInstance(
                DiskTarget.class.getClassLoader(), new Class<?>[] {DiskTarget.class}, (_, _, _) -> {
                    throw trouble;
                });
    }
}
