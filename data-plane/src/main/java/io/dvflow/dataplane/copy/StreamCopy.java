package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Copies a raw image to its last byte, in order: where the source cannot seek, or all of it is hashed or unpacked.
 */
public final class StreamCopy {

    private final DiskTarget target;
    private final Ledger ledger;
    private final long betweenMarks;
    private final StopSignal stop;

    /** @param stop ends the copy between two reads */
    public StreamCopy(DiskTarget target, Ledger ledger, MarkDistance distance, StopSignal stop) {
        this.target = target;
        this.ledger = ledger;
        this.betweenMarks = Math.min(distance.source(), distance.stream());
        this.stop = stop;
    }

    /**
     * @param reader at the place of the disk where its first byte belongs
     * @param limit bytes the disk takes at most
     * @return bytes of the whole stream
     */
    public long copy(SequentialReader reader, long limit) {
        try (WriteBehind behind = new WriteBehind(target, ledger)) {
            copy(reader, limit, behind);
        }
        return reader.position();
    }

    private void copy(SequentialReader reader, long limit, WriteBehind behind) {
        try {
            long marked = reader.position();
            boolean more = true;
            while (more) {
                WriteBehind.Buffer buffer = behind.take(reader.position());
                more = fill(buffer.bytes(), reader, behind);
                if (reader.position() > limit) {
                    throw new TransferFailure(FailureReason.TOO_SMALL, TooSmall.streamMessage(limit));
                }
                boolean due = reader.position() - marked >= betweenMarks;
                behind.write(buffer, due ? Optional.of(reader.mark()) : Optional.empty());
                marked = due ? reader.position() : marked;
            }
            behind.finish();
        } catch (RuntimeException e) {
            throw behind.cause(e);
        }
    }

    private boolean fill(ByteBuffer buffer, SequentialReader reader, WriteBehind behind) {
        boolean more = true;
        while (more && buffer.hasRemaining()) {
            stop.check();
            behind.check();
            more = reader.read(buffer) >= 0;
        }
        return more;
    }
}
