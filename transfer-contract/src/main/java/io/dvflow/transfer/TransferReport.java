package io.dvflow.transfer;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/**
 * One line on the standard output of a transfer pod. The annotations are for Temporal's converter: the latest figures are in
 * heartbeats, too.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TransferReport.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = TransferReport.Durable.class, name = "durable"),
    @JsonSubTypes.Type(value = TransferReport.Note.class, name = "note"),
})
public sealed interface TransferReport {

    /**
     * How far the transfer is; about one a second, and one at each change of phase.
     *
     * @param virtualBytes virtual size of the disk being written; 0 while unknown, an estimate while what is packed does not
     *     say how much it holds
     * @param doneBytes bytes of the virtual disk that are in place, holes included; where the source is read twice (for its
     *     checksum, or by way of scratch space), half of what either pass has done
     * @param fetchedBytes bytes read from the source by this attempt
     * @param writtenBytes bytes written to the target by this attempt
     * @param skippedBytes bytes of the virtual disk that needed no write (holes), by this attempt
     * @param bytesPerSecond recent speed of fetching
     * @param remainingSeconds estimate; negative while unknown
     */
    record Progress(
            TransferPhase phase,
            long virtualBytes,
            long doneBytes,
            long fetchedBytes,
            long writtenBytes,
            long skippedBytes,
            long bytesPerSecond,
            long remainingSeconds)
            implements TransferReport {

        /** 0 to 100; 0 while the size is unknown. */
        public double percent() {
            return virtualBytes <= 0 ? 0 : Math.min(100.0, 100.0 * doneBytes / virtualBytes);
        }
    }

    /** What is durable by now; follows a flush. */
    record Durable(ResumeMap map) implements TransferReport {}

    /** A line for people: what was ridden out, what was decided. Never holds a secret. */
    record Note(Level level, String text) implements TransferReport {
        public enum Level {
            INFO,
            WARNING
        }
    }
}
