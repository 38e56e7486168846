package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;

/** What can be wrong with a packed stream, in words. */
record UnpackingTrouble(Packing packing) {

    TransferFailure truncated(long at) {
        return corrupt("it ends within its data, after " + at + " bytes. Is it cut short?");
    }

    TransferFailure corrupt(String what) {
        return new TransferFailure(
                FailureReason.CORRUPT_IMAGE,
                "Unable to process data: the " + packing.label() + " stream is corrupt: " + what);
    }

    TransferFailure unsupported(String what) {
        return new TransferFailure(
                FailureReason.UNSUPPORTED_FORMAT, "Unable to process data: the " + packing.label() + " stream " + what);
    }
}
