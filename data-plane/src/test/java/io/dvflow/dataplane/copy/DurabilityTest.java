package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.target.ResumableTarget;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DurabilityTest {
    private static final long MIB = 1 << 20;

    private final Ledger ledger = new Ledger(Optional.empty());
    private Duration now = Duration.ofDays(1);
    private Runnable duringFlush = () -> {};
    private int flushes;
    private final Durability durability =
            new Durability(target(), ledger, Optional.empty(), map -> {}, () -> now.toNanos());

    @Test
    void muchIsMadeDurableFourTimesASecond() {
        ledger.written(0, 500 * MIB);
        assertThat(flushesAfter(Duration.ofMillis(249))).isZero();
        assertThat(flushesAfter(Duration.ofMillis(1))).isOne();

        ledger.written(500 * MIB, 32 * MIB);
        assertThat(flushesAfter(Duration.ofMillis(250))).isOne();
    }

    @Test
    void littleIsMadeDurableEveryOtherSecond() {
        ledger.written(0, 31 * MIB);
        assertThat(flushesAfter(Duration.ofMillis(1999))).isZero();
        assertThat(flushesAfter(Duration.ofMillis(1))).isOne();
    }

    @Test
    void littleThatBecomesMuchIsMadeDurableAtOnce() {
        ledger.written(0, 31 * MIB);
        assertThat(flushesAfter(Duration.ofSeconds(1))).isZero();
        ledger.written(31 * MIB, MIB);
        assertThat(flushesAfter(Duration.ZERO)).isOne();
    }

    @Test
    void nothingNeedsNoFlush() {
        assertThat(flushesAfter(Duration.ofHours(1))).isZero();
    }

    @Test
    void whatIsWrittenDuringASlowFlushWaitsNoLonger() {
        ledger.written(0, 100 * MIB);
        duringFlush = () -> {
            now = now.plusSeconds(1);
            ledger.written(100 * MIB, 100 * MIB);
        };
        assertThat(flushesAfter(Duration.ofSeconds(1))).isOne();

        duringFlush = () -> {};
        assertThat(flushesAfter(Duration.ZERO)).isOne();
        assertThat(flushesAfter(Duration.ofHours(1))).isZero();
    }

    private int flushesAfter(Duration time) {
        now = now.plus(time);
        int before = flushes;
        durability.tick();
        return flushes - before;
    }

    private ResumableTarget target() {
        return (ResumableTarget) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ResumableTarget.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("flush")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    flushes++;
                    duringFlush.run();
                    return null;
                });
    }
}
