package io.dvflow.workflows.import_;

import io.dvflow.workflows.OperationRef;
import java.util.Optional;

/** What the Web UI shows of a running import: Markdown, at most 20 kB. */
final class Details {

    private Details() {}

    static String of(OperationRef object, Optional<ImportPlan> plan, OperationState state) {
        var text = new StringBuilder("**")
                .append(object.namespace())
                .append('/')
                .append(object.name())
                .append("**");
        plan.ifPresent(p -> text.append(" from `")
                .append(p.source())
                .append("` into claim `")
                .append(p.claimName())
                .append("`: ")
                .append(p.diskBytes())
                .append(" bytes, ")
                .append(p.volumeMode())
                .append(", ")
                .append(p.storageClass().map(c -> "class `" + c + "`").orElse("no class"))
                .append(pathOf(p)));
        text.append("\n\n");
        for (Step step : Step.values()) {
            if (!isShown(step, plan, state)) {
                continue;
            }
            text.append(markOf(step, state.step())).append(step.doing());
            if (step == state.step()) {
                state.waitingFor().ifPresent(w -> text.append(" - *").append(w).append('*'));
            }
            text.append('\n');
        }
        if (state.paused()) {
            text.append("\nPaused on request. `dvflow resume ")
                    .append(object.name())
                    .append("` goes on from here.\n");
        }
        return text.toString();
    }

    private static String pathOf(ImportPlan plan) {
        return switch (plan.path()) {
            case POPULATOR -> ", filled out of sight and then bound";
            case DIRECT -> ", filled in place";
            case ALREADY_POPULATED -> ", has its content already";
        };
    }

    private static boolean isShown(Step step, Optional<ImportPlan> plan, OperationState state) {
        return switch (step) {
            case CONSUMER -> plan.map(ImportPlan::waitForConsumer).orElse(false);
            case CHECKPOINT -> plan.flatMap(ImportPlan::stages).isPresent();
            case SCRATCH -> state.step() == step || state.scratchClaim().isPresent();
            case HAND_OVER ->
                plan.map(p -> p.path() == ImportPlan.ClaimPath.POPULATOR).orElse(true);
            case CLEAN_UP, DONE -> false;
            default -> true;
        };
    }

    private static String markOf(Step step, Step current) {
        int order = step.compareTo(current);
        return order < 0 ? "- [x] " : order == 0 ? "- [ ] **now:** " : "- [ ] ";
    }
}
