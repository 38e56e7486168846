package io.dvflow.transfer;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a transfer pod ended; its termination message, so at most 4096 bytes of JSON. */
public sealed interface TransferOutcome {

    List<PhaseTiming> timeline();

    /**
     * The disk is whole and durable.
     *
     * @param message what clients show, CDI's words ("Import Complete")
     * @param format format found in the source: {@code raw}, {@code qcow2}, or {@code blank}; {@code tar} for an archive
     * @param diskBytes virtual size of the finished disk; of an archive, bytes in its files
     * @param fetchedBytes bytes this attempt read from the source
     * @param writtenBytes bytes this attempt wrote to the target
     * @param labels what the source says about the disk, as labels for the claim; names and values are valid ones
     * @param vddk what read it, if it is a disk of VMware and the library said so
     */
    record Complete(
            String message,
            String format,
            long diskBytes,
            long fetchedBytes,
            long writtenBytes,
            boolean preallocationApplied,
            List<PhaseTiming> timeline,
            Map<String, String> labels,
            Optional<VddkInfo> vddk)
            implements TransferOutcome {
        public Complete {
            timeline = List.copyOf(timeline);
            labels = labels == null ? Map.of() : Map.copyOf(labels);
            vddk = vddk == null ? Optional.empty() : vddk;
        }

        public Complete(
                String message,
                String format,
                long diskBytes,
                long fetchedBytes,
                long writtenBytes,
                boolean preallocationApplied,
                List<PhaseTiming> timeline) {
            this(
                    message,
                    format,
                    diskBytes,
                    fetchedBytes,
                    writtenBytes,
                    preallocationApplied,
                    timeline,
                    Map.of(),
                    Optional.empty());
        }

        public Complete withLabels(Map<String, String> found) {
            return new Complete(
                    message,
                    format,
                    diskBytes,
                    fetchedBytes,
                    writtenBytes,
                    preallocationApplied,
                    timeline,
                    found,
                    vddk);
        }

        public Complete withVddk(Optional<VddkInfo> info) {
            return new Complete(
                    message,
                    format,
                    diskBytes,
                    fetchedBytes,
                    writtenBytes,
                    preallocationApplied,
                    timeline,
                    labels,
                    info);
        }
    }

    /**
     * It could not be done.
     *
     * @param errorClass what may help
     * @param reason one word in CamelCase that programs may compare; see {@link FailureReason}
     * @param message the sentence for people, with the numbers in it, without secrets
     * @param retryAfterSeconds what the server asked for ({@code Retry-After}), if it did
     * @param scratchBytes with {@link FailureReason#SCRATCH_REQUIRED}: how much room is needed for the source
     */
    record Failed(
            ErrorClass errorClass,
            FailureReason reason,
            String message,
            Optional<Long> retryAfterSeconds,
            Optional<Long> scratchBytes,
            List<PhaseTiming> timeline)
            implements TransferOutcome {
        public Failed {
            scratchBytes = scratchBytes == null ? Optional.empty() : scratchBytes;
            retryAfterSeconds = retryAfterSeconds == null ? Optional.empty() : retryAfterSeconds;
            timeline = List.copyOf(timeline);
        }

        public Failed(
                ErrorClass errorClass,
                FailureReason reason,
                String message,
                Optional<Long> retryAfterSeconds,
                List<PhaseTiming> timeline) {
            this(errorClass, reason, message, retryAfterSeconds, Optional.empty(), timeline);
        }
    }

    /** Told to stop (SIGTERM); what was done is durable and has been reported. */
    record Stopped(List<PhaseTiming> timeline) implements TransferOutcome {
        public Stopped {
            timeline = List.copyOf(timeline);
        }
    }
}
