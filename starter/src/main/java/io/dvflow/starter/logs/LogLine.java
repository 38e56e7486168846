package io.dvflow.starter.logs;

import io.dvflow.starter.output.Durations;
import io.dvflow.starter.output.Sizes;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferReport;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Puts the lines of a transfer pod, which are JSON for the worker, into words. */
final class LogLine {
    private LogLine() {}

    /** A line that is none of the contract's, such as one of the JVM, stays as it is. */
    static String forPeople(String line) {
        return TransferJson.readReport(line).map(LogLine::words).orElse(line);
    }

    /** The last words of a transfer; as they are when the process did not write them itself. */
    static String lastWords(String terminationMessage) {
        return TransferJson.readOutcome(terminationMessage)
                .map(LogLine::words)
                .orElse("ended: " + terminationMessage.strip());
    }

    private static String words(TransferReport report) {
        return switch (report) {
            case TransferReport.Progress progress -> progress(progress);
            case TransferReport.Durable(ResumeMap map) -> "durable  " + durable(map);
            case TransferReport.Note note -> note.level().name().toLowerCase(Locale.ROOT) + "  " + note.text();
        };
    }

    private static String progress(TransferReport.Progress progress) {
        String size = progress.virtualBytes() > 0
                ? String.format(Locale.ROOT, "%6.2f%%  ", progress.percent()) + Sizes.text(progress.doneBytes())
                        + " of " + Sizes.text(progress.virtualBytes())
                : "size not known yet";
        return progress.phase().name().toLowerCase(Locale.ROOT)
                + "  " + size
                + "  fetched " + Sizes.text(progress.fetchedBytes())
                + (progress.bytesPerSecond() > 0 ? "  " + Sizes.text(progress.bytesPerSecond()) + "/s" : "")
                + remaining(progress.remainingSeconds())
                        .map(left -> "  " + left + " left")
                        .orElse("");
    }

    private static Optional<String> remaining(long seconds) {
        return seconds < 0 ? Optional.empty() : Optional.of(Durations.text(Duration.ofSeconds(seconds)));
    }

    private static String durable(ResumeMap map) {
        return Sizes.text(map.finishedBytes()) + " need not be transferred again";
    }

    private static String words(TransferOutcome outcome) {
        return switch (outcome) {
            case TransferOutcome.Complete complete ->
                "complete: " + complete.message() + " (" + complete.format() + ", disk of "
                        + Sizes.text(complete.diskBytes()) + ", fetched " + Sizes.text(complete.fetchedBytes())
                        + ", wrote " + Sizes.text(complete.writtenBytes()) + ")";
            case TransferOutcome.Failed failed ->
                "failed: " + failed.message() + " (" + failed.reason() + ", " + failed.errorClass() + ")";
            case TransferOutcome.Stopped _ -> "stopped: it was told to; what was done is kept";
        };
    }
}
