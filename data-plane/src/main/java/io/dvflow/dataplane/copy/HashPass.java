package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.checksum.HashedSource;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads a source from its first to its last byte for its checksum alone: for images that are not read in the order of their
 * bytes. The place of the hash is kept like that of a stream, so that a later attempt need not hash again.
 */
public final class HashPass implements Amount {

    private static final int BUFFER = 512 << 10;

    private final HashedSource source;
    private final Ledger ledger;
    private final long diskBytes;
    private final MarkDistance distance;
    private volatile long hashed;

    /** @param diskBytes size of the disk, in whose bytes progress is counted */
    public HashPass(HashedSource source, Ledger ledger, long diskBytes, MarkDistance distance) {
        this.source = source;
        this.ledger = ledger;
        this.diskBytes = diskBytes;
        this.distance = distance;
    }

    /**
     * Hashes from where an earlier attempt stood.
     *
     * @param stop goes up on a failure
     * @throws io.dvflow.dataplane.report.TransferFailure unless the source is what its checksum says
     */
    public void run(StopSignal stop) {
        Optional<Mark> from = ledger.mark();
        try (SequentialReader reader = source.inOrder(from)) {
            readToEnd(reader, stop);
        }
    }

    private void readToEnd(SequentialReader reader, StopSignal stop) {
        ByteBuffer passed = ByteBuffer.allocateDirect(BUFFER);
        long marked = reader.position();
        try {
            while (reader.read(passed.clear()) >= 0) {
                stop.check();
                hashed = reader.position();
                if (hashed - marked >= distance.source()) {
                    ledger.hashed(hashed - marked, reader.mark());
                    marked = hashed;
                }
            }
        } catch (RuntimeException e) {
            // So that the reader's threads need not wait for bytes that nobody wants any more.
            stop.raise();
            throw e;
        }
        ledger.hashed(hashed - marked, reader.mark());
    }

    @Override
    public long size() {
        return diskBytes;
    }

    @Override
    public long done() {
        long all = source.facts().length();
        return all <= 0 ? 0 : (long) ((double) hashed / all * diskBytes);
    }
}
