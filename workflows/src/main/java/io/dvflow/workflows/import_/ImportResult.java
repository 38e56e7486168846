package io.dvflow.workflows.import_;

import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.transfer.TransferReceipt;
import java.util.Optional;

/**
 * How an import ended.
 *
 * @param outcome what the object says too, unless it is gone
 * @param message the sentence for people
 * @param receipt what was moved, if the transfer was finished
 */
public record ImportResult(Outcome outcome, String message, Optional<TransferReceipt> receipt) {

    public ImportResult {
        receipt = receipt == null ? Optional.empty() : receipt;
    }
}
