package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DurabilityTest {
    private static final long MIB = 1 << 20;
    private static final SourcePin PIN =
            new SourcePin("http://h/disk", 1 << 30, Optional.of("\"v1\""), Optional.empty());
    private static final SourcePin UNRECOGNIZABLE =
            new SourcePin("http://h/disk", 1 << 30, Optional.empty(), Optional.empty());

    private final List<String> calls = new ArrayList<>();
    private final Ledger ledger = new Ledger(Optional.empty());
    private Duration now = Duration.ofDays(1);
    private Runnable duringFlush = () -> {};
    private final Durability durability = of(PIN);

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

    @Test
    void whatIsDurableIsFlushedThenWrittenBesideTheDiskAndOnlyThenSaid() {
        ledger.written(0, 3 * MIB);
        ledger.written(5 * MIB, MIB);
        ledger.canBeTakenUpAt(Mark.at(2 * MIB));
        durability.checkpoint();
        ledger.skipped(3 * MIB, 2 * MIB);
        durability.checkpoint();

        assertThat(calls)
                .containsExactly(
                        "flush",
                        "remember 0+3 5+1 mark 2",
                        "tell 0+3 5+1 mark 2",
                        "flush",
                        "remember 0+6 mark 2",
                        "tell 0+6 mark 2");
    }

    @Test
    void whatIsWrittenDuringAFlushIsNotSaidBeforeTheNext() {
        ledger.written(0, MIB);
        ledger.canBeTakenUpAt(Mark.at(MIB));
        duringFlush = () -> {
            ledger.written(MIB, MIB);
            ledger.skipped(8 * MIB, MIB);
            ledger.canBeTakenUpAt(Mark.at(2 * MIB));
        };
        durability.checkpoint();
        assertThat(calls).containsExactly("flush", "remember 0+1 mark 1", "tell 0+1 mark 1");

        calls.clear();
        duringFlush = () -> {};
        durability.checkpoint();
        assertThat(calls).containsExactly("flush", "remember 0+2 8+1 mark 2", "tell 0+2 8+1 mark 2");
    }

    @Test
    void ofAFlushThatFailedNothingIsSaid() {
        ledger.written(0, MIB);
        duringFlush = () -> {
            throw new TransferFailure(FailureReason.TARGET_IO, "the disk is gone");
        };

        assertThatThrownBy(durability::checkpoint).hasMessage("the disk is gone");
        assertThat(calls).containsExactly("flush");
    }

    @Test
    void ofASourceThatCannotBeRecognizedNothingIsSaidButAllIsFlushed() {
        ledger.written(0, MIB);
        Durability unrecognizable = of(UNRECOGNIZABLE);
        unrecognizable.forgetEverything();
        unrecognizable.checkpoint();

        assertThat(calls).containsExactly("flush");
    }

    private int flushesAfter(Duration time) {
        now = now.plus(time);
        calls.clear();
        durability.tick();
        return (int) calls.stream().filter("flush"::equals).count();
    }

    private Durability of(SourcePin pin) {
        return new Durability(target(), ledger, Optional.of(pin), map -> record("tell", map), () -> now.toNanos());
    }

    private ResumableTarget target() {
        return (ResumableTarget) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ResumableTarget.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "flush" -> {
                            calls.add("flush");
                            duringFlush.run();
                        }
                        case "remember" -> record("remember", (ResumeMap) arguments[0]);
                        default -> throw new UnsupportedOperationException(method.getName());
                    }
                    return null;
                });
    }

    /** Ranges in mebibytes. */
    private void record(String call, ResumeMap map) {
        StringBuilder text = new StringBuilder(call);
        for (ByteRange range : map.finished()) {
            text.append(' ').append(range.offset() / MIB).append('+').append(range.length() / MIB);
        }
        map.stream().ifPresent(mark -> text.append(" mark ").append(mark.position() / MIB));
        calls.add(text.toString());
    }
}
