package io.dvflow.starter.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferReport;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogLineTest {
    private static final long MIB = 1L << 20;

    @Test
    void progressIsPutIntoWords() {
        var progress =
                new TransferReport.Progress(TransferPhase.COPY, 1000 * MIB, 250 * MIB, 90 * MIB, 0, 0, 10 * MIB, 75);

        assertThat(LogLine.forPeople(TransferJson.write(progress)))
                .isEqualTo("copy   25.00%  250.0 MiB of 1000.0 MiB  fetched 90.0 MiB  10.0 MiB/s  1m15s left");
    }

    @Test
    void nothingIsMadeUpWhileTheSizeIsUnknown() {
        var progress = new TransferReport.Progress(TransferPhase.PROBE, 0, 0, 0, 0, 0, 0, -1);

        assertThat(LogLine.forPeople(TransferJson.write(progress))).isEqualTo("probe  size not known yet  fetched 0 B");
    }

    @Test
    void notesKeepTheirWords() {
        var note = new TransferReport.Note(TransferReport.Note.Level.WARNING, "connection reset, trying again");

        assertThat(LogLine.forPeople(TransferJson.write(note))).isEqualTo("warning  connection reset, trying again");
    }

    @Test
    void resumeMapsShowHowMuchIsSafe() {
        var pin = new ResumeMap.SourcePin("http://h/a", 5 * MIB, Optional.empty(), Optional.empty());
        var map = new ResumeMap(pin, List.of(new ResumeMap.ByteRange(0, 3 * MIB)));

        assertThat(LogLine.forPeople(TransferJson.write(new TransferReport.Durable(map))))
                .isEqualTo("durable  3.0 MiB need not be transferred again");
    }

    @Test
    void otherLinesStayAsTheyAre() {
        assertThat(LogLine.forPeople("OpenJDK warning")).isEqualTo("OpenJDK warning");
        assertThat(LogLine.forPeople("{\"type\":\"of tomorrow\"}")).isEqualTo("{\"type\":\"of tomorrow\"}");
    }

    @Test
    void theLastWordsSayHowItEnded() {
        var failed = new TransferOutcome.Failed(
                ErrorClass.NEEDS_CHANGE, FailureReason.NOT_FOUND, "no such image", Optional.empty(), List.of());

        assertThat(LogLine.lastWords(TransferJson.write(failed)))
                .isEqualTo("failed: no such image (NOT_FOUND, NEEDS_CHANGE)");
        assertThat(LogLine.lastWords("OOMKilled")).isEqualTo("ended: OOMKilled");
    }
}
