package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.FailureReason;

/** An image that does not fit is refused before a byte of it is written, with the numbers. */
public final class TooSmall {

    private static final long SECTOR = 512;

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
                            + advice(virtualSize));
        }
    }

    static String streamMessage(long limit) {
        return "Unable to process data: DataVolume too small to contain image: virtual image size, more than " + limit
                + " (nothing says how much more), is larger than the reported available storage " + limit
                + advice(Math.ceilDiv(limit + 1, SECTOR) * SECTOR);
    }

    private static String advice(long bytes) {
        return ". A larger PVC is required: request at least " + bytes + " bytes (plus file system overhead)";
    }
}
