package io.dvflow.transfer;

import java.util.List;
import java.util.Optional;

/**
 * What is kept of a transfer pod's log when pod and log are gone: its last lines for people, and its last word. Stands as
 * an annotation on the object, so it is bounded, and holds nothing that the log may not hold: no secret.
 *
 * @param pod name of the pod
 * @param attempt its number among those of the operation, from 1
 * @param lines its last lines as it wrote them, oldest first: at most {@link #MOST_LINES}
 * @param lastWords its termination message; empty when it was killed before it wrote one
 */
public record KeptLog(String pod, int attempt, List<String> lines, Optional<String> lastWords) {

    public static final int MOST_LINES = 20;
    /** Characters of the text of a line; what is longer is cut. */
    public static final int LONGEST_TEXT = 400;

    public KeptLog {
        lines = lines == null
                ? List.of()
                : List.copyOf(lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size()));
        lastWords = lastWords == null ? Optional.empty() : lastWords;
    }

    public KeptLog(String pod, int attempt, List<String> lines) {
        this(pod, attempt, lines, Optional.empty());
    }

    /** A line as it may be kept. Of a note, the text is cut: cut as a whole, it would be no JSON any more. */
    public static String shortened(String line) {
        return TransferJson.readReport(line)
                .filter(TransferReport.Note.class::isInstance)
                .map(TransferReport.Note.class::cast)
                .map(note -> TransferJson.write(new TransferReport.Note(note.level(), cut(note.text()))))
                .orElseGet(() -> cut(line));
    }

    /** The same, with the last words of the process: those that it wrote itself are short, whatever else is cut. */
    public KeptLog ending(Optional<String> terminationMessage) {
        return new KeptLog(
                pod,
                attempt,
                lines,
                terminationMessage.map(text -> TransferJson.readOutcome(text).isPresent() ? text : cut(text)));
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "...";
    }
}
