package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.FailureReason;

/** An image that does not fit is refused before a byte of it is written, with the numbers. */
public final class TooSmall {

    private TooSmall() {}

    /**
     * @throws TransferFailure if the disk is larger than the target takes; the phrases are CDI's, clients look for
     * them
     */
    public static void check(long virtualSize, DiskTarget target) {
        if (virtualSize > target.limit()) {
            throw new TransferFailure(
                    FailureReason.TOO_SMALL,
                    "Unable to process data: DataVolume too small to contain image: virtual image size " + virtualSize
                            + " is larger than the reported available storage " + target.limit()
                            + ". A larger PVC is required: request at least " + virtualSize
                            + " bytes (plus file system overhead)");
        }
    }

    static String streamMessage(long limit) {
        return "Unable to process data: DataVolume too small to contain image: virtual image size, more than " + limit
                + " (nothing says how much more), is larger than the reported available storage " + limit
                + ". A larger PVC is required";
    }
}
