package io.dvflow.dataplane.archive;

import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.transfer.FailureReason;

/** Says why an entry of an archive is not unpacked, and with it none of the archive is. */
record EntryTrouble(TarEntry entry) {

    /** It wants what no entry may have. */
    TransferFailure hostile(String what) {
        return failure(FailureReason.HOSTILE_IMAGE, "is refused: " + name() + " " + what);
    }

    /** It may be in order, and is of a kind that is not unpacked. */
    TransferFailure unsupported(String what) {
        return failure(FailureReason.UNSUPPORTED_FORMAT, "is not supported: " + name() + " " + what);
    }

    /** Its header contradicts itself. */
    TransferFailure corrupt(String what) {
        return failure(FailureReason.CORRUPT_IMAGE, "is corrupt: " + name() + " " + what);
    }

    String name() {
        return "its entry '" + Shown.text(entry.name()) + "'";
    }

    private static TransferFailure failure(FailureReason reason, String what) {
        return new TransferFailure(reason, "Unable to process data: the archive " + what);
    }
}
