package io.dvflow.starter.show;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dvflow.starter.cluster.Installation;
import io.dvflow.starter.operation.Explanation;
import io.dvflow.starter.operation.Hints;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.output.Durations;
import io.dvflow.starter.output.Palette;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * What {@code status} says; its members are the ones of the JSON and YAML forms.
 *
 * @param standing name of the {@link io.dvflow.starter.operation.Standing}, in lower case
 * @param lastError the newest trouble, present or past
 * @param workflowUrl page of the workflow in the Temporal Web UI
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
record StatusReport(
        String namespace,
        String name,
        String uid,
        Optional<String> created,
        String source,
        Optional<String> address,
        String phase,
        String standing,
        String progress,
        int restarts,
        String claim,
        String doing,
        Optional<String> waitingFor,
        String next,
        Optional<String> lastError,
        Optional<String> workflowId,
        Optional<String> workflowUrl) {
    private static final int LABEL_WIDTH = 13;

    static StatusReport of(
            Operation operation, Optional<String> warning, Optional<Installation> installation, Hints hints) {
        Explanation explanation = Explanation.of(operation, hints);
        return new StatusReport(
                operation.namespace(),
                operation.name(),
                operation.uid(),
                operation.created().map(Instant::toString),
                operation.source(),
                operation.address(),
                operation.phase().wireName(),
                operation.standing().name().toLowerCase(Locale.ROOT),
                operation.progress(),
                operation.restarts(),
                operation.claim(),
                explanation.doing(),
                explanation.waitingFor(),
                explanation.next(),
                operation.trouble().or(() -> warning),
                operation.workflowId(),
                operation.workflowId().flatMap(id -> installation.flatMap(installed -> installed.workflowPage(id))));
    }

    String text(Palette palette, Instant now) {
        var text = new StringBuilder();
        line(text, palette, "DataVolume", palette.strong(namespace + "/" + name) + age(now));
        line(text, palette, "Source", source + address.map(where -> " " + where).orElse(""));
        line(text, palette, "Phase", paintedPhase(palette) + "   progress " + progress + "   restarts " + restarts);
        line(text, palette, "Claim", claim);
        line(text, palette, "Now", doing);
        waitingFor.ifPresent(reason -> line(text, palette, "Waiting for", palette.waiting(reason)));
        line(text, palette, "Next", next);
        lastError.ifPresent(error -> line(text, palette, "Last error", palette.bad(error)));
        workflowId.ifPresent(id -> line(text, palette, "Workflow", id));
        workflowUrl.ifPresent(url -> line(text, palette, "", url));
        return text.toString();
    }

    private String age(Instant now) {
        return created.map(Instant::parse)
                .map(start -> "   created " + Durations.text(Duration.between(start, now)) + " ago")
                .orElse("");
    }

    private String paintedPhase(Palette palette) {
        String words = phase.isEmpty() ? "(none yet)" : phase;
        return switch (standing) {
            case "succeeded" -> palette.good(words);
            case "failed", "gave_up", "cancelled" -> palette.bad(words + " (" + standing.replace('_', ' ') + ")");
            case "open" -> words;
            default -> palette.waiting(words + " (" + standing + ")");
        };
    }

    private static void line(StringBuilder text, Palette palette, String label, String value) {
        String shown = label.isEmpty() ? "" : label + ":";
        text.append(palette.quiet(shown))
                .append(" ".repeat(LABEL_WIDTH - shown.length()))
                .append(value)
                .append('\n');
    }
}
