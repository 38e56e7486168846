package io.dvflow.starter.follow;

import static io.dvflow.starter.operation.DataVolumes.in;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.Reasons;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.starter.operation.DataVolumes;
import io.dvflow.starter.operation.Hints;
import io.dvflow.starter.output.Palette;
import io.dvflow.starter.output.Screen;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {
    private static final Instant START = Instant.parse(DataVolumes.CREATED);
    private static final DataVolumePhase BUSY = DataVolumePhase.IMPORT_IN_PROGRESS;

    private final StringWriter written = new StringWriter();

    @Test
    void theBarShowsPercentPhaseElapsedAndRemainingTime() {
        String line = ProgressLine.withBar(
                in(BUSY).progress("50.00%").operation(),
                Duration.ofSeconds(62),
                Optional.of(Duration.ofSeconds(60)),
                100);

        assertThat(line).isEqualTo("fedora  [###############---------------]   50.00%  ImportInProgress  1m2s  ETA 1m");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 40, 60, 80, 200})
    void theLineNeverWraps(int columns) {
        String line = ProgressLine.withBar(
                in(BUSY).progress("50.00%").restarts(12).operation(), Duration.ofDays(3), Optional.empty(), columns);

        assertThat(line).hasSizeLessThan(columns);
    }

    @Test
    void remainingTimeFollowsFromTheSpeedSoFar() {
        var remaining = new RemainingTime();
        remaining.seen(20, START);
        assertThat(remaining.estimate(START)).isEmpty();

        remaining.seen(40, START.plusSeconds(10));

        assertThat(remaining.estimate(START.plusSeconds(10))).contains(Duration.ofSeconds(30));
        assertThat(remaining.estimate(START.plusSeconds(12))).contains(Duration.ofSeconds(28));
    }

    @Test
    void aNewAttemptStartsTheEstimateAnew() {
        var remaining = new RemainingTime();
        remaining.seen(80, START);
        remaining.seen(10, START.plusSeconds(10));

        assertThat(remaining.estimate(START.plusSeconds(20))).isEmpty();
    }

    @Test
    void withoutATerminalOnlyChangesMakeALine() {
        var display = new ProgressDisplay(screen(false), new PrintWriter(written), new Hints("dvflow"));
        show(display, in(BUSY).progress("10.00%"), 1);
        show(display, in(BUSY).progress("10.00%"), 2);
        display.tick(START.plusSeconds(3));
        show(display, in(BUSY).progress("20.00%"), 4);
        display.end();

        assertThat(written.toString()).isEqualTo("""
                        fedora   10.00%  ImportInProgress  1s
                        fedora   20.00%  ImportInProgress  4s
                        """);
    }

    @Test
    void onATerminalTheLineIsDrawnAgain() {
        var display = new ProgressDisplay(screen(true), new PrintWriter(written), new Hints("dvflow"));
        show(display, in(BUSY).progress("10.00%"), 1);
        display.tick(START.plusSeconds(2));
        display.end();

        assertThat(written.toString().split("\r", -1)).hasSize(3);
        assertThat(written.toString()).containsOnlyOnce("\n").endsWith("\n");
    }

    @Test
    void aReasonToWaitIsToldOnce() {
        var display = new ProgressDisplay(screen(false), new PrintWriter(written), new Hints("dvflow"));
        show(display, in(BUSY).running("False", Reasons.ERROR, "404 Not Found"), 1);
        show(display, in(BUSY).running("False", Reasons.ERROR, "404 Not Found"), 2);
        show(display, in(DataVolumePhase.PENDING_POPULATION), 3);

        assertThat(written.toString().lines().filter(line -> line.startsWith("waiting for")))
                .satisfiesExactly(
                        line -> assertThat(line).contains("404 Not Found", "'dvflow retry -n vms fedora'"),
                        line -> assertThat(line).contains("a pod that uses claim"));
    }

    private static void show(Display display, DataVolumes dataVolume, int seconds) {
        display.show(dataVolume.build(), dataVolume.operation(), START.plusSeconds(seconds));
    }

    private Screen screen(boolean redraw) {
        var writer = new PrintWriter(written);
        return new Screen(writer, writer, redraw, 100, Palette.PLAIN);
    }
}
