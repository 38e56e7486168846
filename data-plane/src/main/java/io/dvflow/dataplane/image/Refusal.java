package io.dvflow.dataplane.image;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;

/**
 * Says why an image is not taken.
 *
 * @param format as people call it
 */
public record Refusal(String format) {

    /** The image contradicts itself, or a part of it is missing. */
    public TransferFailure corrupt(String what) {
        return new TransferFailure(
                FailureReason.CORRUPT_IMAGE, "Unable to process data: the " + format + " image is corrupt: " + what);
    }

    /** The image wants what no image may have. */
    public TransferFailure hostile(String what) {
        return new TransferFailure(
                FailureReason.HOSTILE_IMAGE, "Unable to process data: the " + format + " image is refused: " + what);
    }

    /** The image may be in order, and is of a kind that this release does not read. */
    public TransferFailure unsupported(String what) {
        return new TransferFailure(
                FailureReason.UNSUPPORTED_FORMAT,
                "Unable to process data: the " + format + " image is not supported by this release: " + what);
    }
}
