package io.dvflow.workflows.transfer;

import io.dvflow.transfer.ResumeMap;
import io.dvflow.workflows.claim.ScratchSpace;
import java.util.Optional;

/**
 * What the transfer pods of an operation have come to so far.
 *
 * @param restarts pods that ended without finishing
 * @param durable what need not be moved again
 * @param scratch where they may keep the source, once one has asked for it
 */
public record TransferProgress(int restarts, Optional<ResumeMap> durable, Optional<ScratchSpace> scratch) {

    public static final TransferProgress NONE = new TransferProgress(0, Optional.empty());

    public TransferProgress {
        durable = durable == null ? Optional.empty() : durable;
        scratch = scratch == null ? Optional.empty() : scratch;
    }

    public TransferProgress(int restarts, Optional<ResumeMap> durable) {
        this(restarts, durable, Optional.empty());
    }

    /** The same, and from now on with scratch space. */
    public TransferProgress in(ScratchSpace made) {
        return new TransferProgress(restarts, durable, Optional.of(made));
    }
}
