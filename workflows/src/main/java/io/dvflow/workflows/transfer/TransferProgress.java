package io.dvflow.workflows.transfer;

import io.dvflow.transfer.ResumeMap;
import java.util.Optional;

/**
 * What the transfer pods of an operation have come to so far.
 *
 * @param restarts pods that ended without finishing
 * @param durable what need not be moved again
 */
public record TransferProgress(int restarts, Optional<ResumeMap> durable) {

    public static final TransferProgress NONE = new TransferProgress(0, Optional.empty());

    public TransferProgress {
        durable = durable == null ? Optional.empty() : durable;
    }
}
