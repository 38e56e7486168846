package io.dvflow.workflows.transfer;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dvflow.transfer.PhaseTiming;
import java.util.List;
import java.util.Map;

/**
 * What a finished transfer moved.
 *
 * @param message the pod's last word, CDI's phrase ("Import Complete")
 * @param format format found in the source
 * @param diskBytes virtual size of the finished disk
 * @param fetchedBytes read from the source by the last pod
 * @param writtenBytes written to the target by the last pod
 * @param preallocationApplied whether every byte of the disk is allocated
 * @param restarts pods that ended without finishing
 * @param timeline the last pod's parts, timed
 * @param labels what the source says about the disk, for the claim
 */
public record TransferReceipt(
        String message,
        String format,
        long diskBytes,
        long fetchedBytes,
        long writtenBytes,
        boolean preallocationApplied,
        int restarts,
        List<PhaseTiming> timeline,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> labels) {

    public TransferReceipt {
        timeline = List.copyOf(timeline);
        labels = labels == null ? Map.of() : Map.copyOf(labels);
    }

    public TransferReceipt(
            String message,
            String format,
            long diskBytes,
            long fetchedBytes,
            long writtenBytes,
            boolean preallocationApplied,
            int restarts,
            List<PhaseTiming> timeline) {
        this(
                message,
                format,
                diskBytes,
                fetchedBytes,
                writtenBytes,
                preallocationApplied,
                restarts,
                timeline,
                Map.of());
    }
}
