package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.transfer.FailureReason;
import java.nio.ByteBuffer;
import java.util.Set;

/** Reads on at the same byte with another ticket when one is lost. */
final class ImageIoRanges implements RangeReader {

    /** Tickets lost in a row without a byte in between. */
    private static final int MOST_TICKETS = 5;

    /** What another ticket, on another host perhaps, may cure. */
    private static final Set<FailureReason> CURABLE = Set.of(
            FailureReason.UNAUTHORIZED,
            FailureReason.NOT_FOUND,
            FailureReason.CONNECTION_FAILED,
            FailureReason.SERVER_ERROR);

    private final ImageIoSource source;
    private HostReading reading;
    private RangeReader bytes;
    private long position;
    private long end;
    private int lost;

    ImageIoRanges(ImageIoSource source) {
        this.source = source;
        this.reading = source.current();
        this.bytes = reading.bytes().ranges();
    }

    @Override
    public void start(long from, long to) {
        position = from;
        end = to;
        bytes.start(from, to);
    }

    @Override
    public int read(ByteBuffer into) {
        while (true) {
            try {
                int got = bytes.read(into);
                position += Math.max(0, got);
                lost = 0;
                return got;
            } catch (TransferFailure e) {
                lost++;
                if (!CURABLE.contains(e.reason()) || lost > MOST_TICKETS) {
                    throw e;
                }
                useAnotherTicket();
            }
        }
    }

    @Override
    public void close() {
        bytes.close();
    }

    private void useAnotherTicket() {
        // A ticket is only given up by its host once no connection uses it.
        bytes.close();
        reading = source.renewed(reading);
        bytes = reading.bytes().ranges();
        bytes.start(position, end);
    }
}
