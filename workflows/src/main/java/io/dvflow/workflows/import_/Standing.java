package io.dvflow.workflows.import_;

import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.SearchAttributes;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.transfer.TransferProgress;
import io.temporal.workflow.Workflow;
import java.util.Optional;

/** Where an import stands: shown as the workflow's current details and search attributes, and told to whoever asks. */
final class Standing {

    private final OperationRef object;
    private final Requests requests;

    private Step step = Step.PLAN;
    private Optional<String> waitingFor = Optional.empty();
    private Optional<ImportPlan> planned = Optional.empty();
    private TransferProgress transferred = TransferProgress.NONE;

    Standing(OperationRef object, Requests requests) {
        this.object = object;
        this.requests = requests;
    }

    Step step() {
        return step;
    }

    /** What is being carried out, down to the checkpoint; empty until there is a plan. */
    Optional<ImportPlan> planned() {
        return planned;
    }

    void planned(ImportPlan plan) {
        planned = Optional.of(plan);
    }

    /** What transfers have come to so far. */
    TransferProgress transferred() {
        return transferred;
    }

    void transferred(TransferProgress progress) {
        transferred = progress;
    }

    void enter(Step next) {
        enter(next, Optional.empty());
    }

    /** @param waiting for what, as the end of a sentence */
    void enter(Step next, String waiting) {
        enter(next, Optional.of(waiting));
    }

    private void enter(Step next, Optional<String> waiting) {
        step = next;
        waitingFor = waiting;
        Workflow.setCurrentDetails(Details.of(object, planned, state()));
    }

    void showPhase(String phase) {
        Workflow.upsertTypedSearchAttributes(SearchAttributes.PHASE.valueSet(phase));
    }

    boolean isTooLateToPause() {
        return step.compareTo(Step.CHECKPOINT) > 0;
    }

    OperationState state() {
        boolean paused = requests.paused() && !isTooLateToPause();
        return new OperationState(
                step,
                paused,
                waitingFor,
                planned.map(ImportPlan::claimName),
                transferred.scratch().map(ScratchSpace::claimName));
    }
}
