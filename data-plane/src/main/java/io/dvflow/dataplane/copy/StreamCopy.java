package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.target.DiskTarget;

/**
 * Copies a raw image from its first to its last byte, in order: where the source cannot seek, or all of it is hashed.
 */
public final class StreamCopy {

    private final DiskTarget target;
    private final Ledger ledger;

    public StreamCopy(DiskTarget target, Ledger ledger) {
        this.target = target;
        this.ledger = ledger;
    }

    /**
     * @param limit most bytes the disk takes
     * @return bytes of the source
     */
    public long copy(RangeReader reader, long limit) {
        ExtentWriter writer = new ExtentWriter(target, ledger);
        long length = writer.copyAll(reader, limit);
        writer.flush();
        return length;
    }
}
