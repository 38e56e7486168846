package io.dvflow.workflows.import_;

import java.util.Optional;

/**
 * Answer to the state query.
 *
 * @param step where the operation stands
 * @param paused whether it is held there by request
 * @param waitingFor what or whom it waits for, in words; empty while it works
 * @param claimName the claim it fills, once planned
 * @param scratchClaim the claim in which it keeps the source meanwhile, if it has to
 */
public record OperationState(
        Step step,
        boolean paused,
        Optional<String> waitingFor,
        Optional<String> claimName,
        Optional<String> scratchClaim) {

    public OperationState {
        waitingFor = waitingFor == null ? Optional.empty() : waitingFor;
        claimName = claimName == null ? Optional.empty() : claimName;
        scratchClaim = scratchClaim == null ? Optional.empty() : scratchClaim;
    }
}
