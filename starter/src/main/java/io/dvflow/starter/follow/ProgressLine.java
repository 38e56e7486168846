package io.dvflow.starter.follow;

import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.Durations;
import java.time.Duration;
import java.util.Optional;

/** The one line that tells how far an operation is. */
final class ProgressLine {
    private static final int WIDEST_BAR = 30;
    private static final int NARROWEST_BAR = 8;

    private ProgressLine() {}

    /** With a bar, no wider than the columns. */
    static String withBar(Operation operation, Duration elapsed, Optional<Duration> remaining, int columns) {
        String before = operation.name() + "  ";
        String after = "  " + words(operation, elapsed, remaining);
        int room = columns - 1 - before.length() - after.length() - 2;
        String line = room < NARROWEST_BAR
                ? before.stripTrailing() + after
                : before + bar(operation.percent().orElse(0), Math.min(room, WIDEST_BAR)) + after;
        return line.length() < columns ? line : line.substring(0, Math.max(0, columns - 1));
    }

    /** For logs and pipes. */
    static String plain(Operation operation, Duration elapsed) {
        return operation.name() + "  " + words(operation, elapsed, Optional.empty());
    }

    private static String words(Operation operation, Duration elapsed, Optional<Duration> remaining) {
        return String.format("%7s", operation.progress())
                + "  " + state(operation)
                + (operation.restarts() > 0 ? "  restarts " + operation.restarts() : "")
                + "  " + Durations.text(elapsed)
                + remaining.map(left -> "  ETA " + Durations.text(left)).orElse("");
    }

    private static String state(Operation operation) {
        String phase = operation.phase().wireName();
        return switch (operation.standing()) {
            case OPEN, SUCCEEDED, FAILED -> phase.isEmpty() ? "(new)" : phase;
            case PAUSED -> "paused";
            case DELETING -> "being deleted";
            case CANCELLED -> "cancelled";
            case GAVE_UP -> "given up";
        };
    }

    private static String bar(double percent, int width) {
        int full = (int) Math.round(width * Math.clamp(percent, 0, 100) / 100);
        return "[" + "#".repeat(full) + "-".repeat(width - full) + "]";
    }
}
