package io.dvflow.dataplane.copy;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.Timeline;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferReport.Progress;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProgressMeterTest {

    private static final long MIB = 1 << 20;

    private final List<Progress> reports = new ArrayList<>();
    private final Ledger ledger = new Ledger(Optional.empty());
    private final Timeline timeline = new Timeline(Clock.systemUTC(), () -> 0);
    private Duration now = Duration.ofDays(1);
    private long size = 1000 * MIB;
    private long fetched;
    private long written;
    private final ProgressMeter meter = new ProgressMeter(
            timeline,
            amount(),
            ledger,
            target(),
            () -> fetched,
            new Reporter(report -> reports.add((Progress) report)),
            () -> now.toNanos());

    @Test
    void reportsOnceASecond() {
        pass(Duration.ofMillis(999));
        meter.tick();
        assertThat(reports).isEmpty();

        pass(Duration.ofMillis(1));
        meter.tick();
        meter.tick();
        assertThat(reports).hasSize(1);

        pass(Duration.ofSeconds(1));
        meter.tick();
        assertThat(reports).hasSize(2);
    }

    @Test
    void saysWhatIsDoneFetchedWrittenAndLeftOut() {
        timeline.enter(TransferPhase.COPY);
        fetched = 70 * MIB;
        written = 60 * MIB;
        ledger.written(0, 60 * MIB);
        ledger.skipped(60 * MIB, 40 * MIB);
        ledger.withoutWrite(5 * MIB);
        meter.report();

        assertThat(reports)
                .containsExactly(
                        new Progress(TransferPhase.COPY, 1000 * MIB, 100 * MIB, 70 * MIB, 60 * MIB, 45 * MIB, 0, -1));
        assertThat(reports.getFirst().percent()).isEqualTo(10);
    }

    @Test
    void atFirstTheRateIsNotKnown() {
        ledger.written(0, 500 * MIB);
        fetched = 500 * MIB;
        meter.report();

        assertThat(last().bytesPerSecond()).isZero();
        assertThat(last().remainingSeconds()).isEqualTo(-1);
    }

    /** Of a disk with holes, more is done than fetched. */
    @Test
    void theRateIsThatOfFetchingAndWhatRemainsThatOfTheDisk() {
        meter.report();
        for (int second = 0; second < 4; second++) {
            copy(10 * MIB, 50 * MIB);
        }

        assertThat(last().bytesPerSecond()).isEqualTo(10 * MIB);
        assertThat(last().remainingSeconds()).isEqualTo(16);
    }

    @Test
    void theRateIsThatOfTheLastSixSeconds() {
        meter.report();
        for (int second = 0; second < 10; second++) {
            copy(10 * MIB, 10 * MIB);
        }
        copy(70 * MIB, 70 * MIB);
        assertThat(last().bytesPerSecond()).isEqualTo(20 * MIB);
        assertThat(last().remainingSeconds()).isEqualTo((1000 - 170) / 20);

        for (int second = 0; second < 5; second++) {
            copy(0, 0);
        }
        assertThat(last().bytesPerSecond()).isEqualTo(70 * MIB / 6);
        copy(0, 0);
        assertThat(last().bytesPerSecond()).isZero();
        assertThat(last().remainingSeconds()).as("when nothing moves").isEqualTo(-1);
    }

    @Test
    void whatAnEarlierAttemptHasDoneMakesTheRateNoHigher() {
        ledger.written(0, 900 * MIB);
        meter.report();
        copy(10 * MIB, 10 * MIB);

        assertThat(last().doneBytes()).isEqualTo(910 * MIB);
        assertThat(last().bytesPerSecond()).isEqualTo(10 * MIB);
        assertThat(last().remainingSeconds()).isEqualTo(9);
    }

    @Test
    void whatRemainsOfAnUnknownSizeIsUnknown() {
        size = 0;
        meter.report();
        fetched += 10 * MIB;
        ledger.written(0, 10 * MIB);
        pass(Duration.ofMillis(100));
        meter.report();

        assertThat(last().bytesPerSecond()).isEqualTo(100 * MIB);
        assertThat(last().remainingSeconds()).isEqualTo(-1);
        assertThat(last().percent()).isZero();
    }

    /** As one that is estimated may turn out to be. */
    @Test
    void whatRemainsOfASizeThatIsTooSmallIsUnknown() {
        size = 14 * MIB;
        meter.report();
        copy(10 * MIB, 10 * MIB);
        assertThat(last().remainingSeconds()).isZero();
        copy(10 * MIB, 10 * MIB);

        assertThat(last().remainingSeconds()).isEqualTo(-1);
        assertThat(last().percent()).isEqualTo(100);
    }

    @Test
    void nothingRemainsAtTheEnd() {
        meter.report();
        copy(1000 * MIB, 1000 * MIB);

        assertThat(last().remainingSeconds()).isZero();
        assertThat(last().percent()).isEqualTo(100);
    }

    /** What a second brings. */
    private void copy(long fetchedNow, long done) {
        fetched += fetchedNow;
        if (done > 0) {
            ledger.written(ledger.doneBytes(), done);
        }
        pass(Duration.ofSeconds(1));
        meter.tick();
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private Progress last() {
        return reports.getLast();
    }

    private Amount amount() {
        return new Amount() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public long done() {
                return ledger.doneBytes();
            }
        };
    }

    private ResumableTarget target() {
        return (ResumableTarget) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ResumableTarget.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("writtenBytes")) {
                        throw new UnsupportedOperationException(method.getName());
                    }
                    return written;
                });
    }
}
