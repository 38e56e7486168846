package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.DiskTarget;

/**
 * Copies a raw image to its last byte, in order: where the source cannot seek, or all of it is hashed or unpacked.
 */
public final class StreamCopy {

    private final DiskTarget target;
    private final Ledger ledger;
    private final long betweenMarks;
    private final StopSignal stop;

    /** @param stop ends the copy between two writes */
    public StreamCopy(DiskTarget target, Ledger ledger, MarkDistance distance, StopSignal stop) {
        this.target = target;
        this.ledger = ledger;
        this.betweenMarks = Math.min(distance.source(), distance.stream());
        this.stop = stop;
    }

    /**
     * @param reader at the place of the disk where its first byte belongs
     * @param limit most bytes the disk takes
     * @return bytes of the whole stream
     */
    public long copy(SequentialReader reader, long limit) {
        ExtentWriter writer = new ExtentWriter(target, ledger);
        long marked = reader.position();
        while (writer.copySome(reader, limit)) {
            stop.check();
            if (reader.position() - marked >= betweenMarks) {
                // All that comes before the mark has to be on its way to the disk before the mark counts.
                writer.flush();
                ledger.canBeTakenUpAt(reader.mark());
                marked = reader.position();
            }
        }
        writer.flush();
        return reader.position();
    }
}
