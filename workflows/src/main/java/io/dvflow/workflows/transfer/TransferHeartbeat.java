package io.dvflow.workflows.transfer;

import io.dvflow.transfer.TransferReport;
import java.util.Optional;

/**
 * What the transfer activity reports to Temporal while it follows a pod; the next attempt starts from it, and people see
 * it in the Web UI.
 *
 * @param pod name of the pod that is followed
 * @param podUid its UID
 * @param doing what is going on, in words
 * @param progress the pod's latest figures
 * @param soFar what the operation's pods have come to
 */
public record TransferHeartbeat(
        String pod, String podUid, String doing, Optional<TransferReport.Progress> progress, TransferProgress soFar) {

    public TransferHeartbeat {
        progress = progress == null ? Optional.empty() : progress;
        soFar = soFar == null ? TransferProgress.NONE : soFar;
    }
}
