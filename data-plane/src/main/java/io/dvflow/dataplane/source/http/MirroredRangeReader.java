package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteBuffer;
import java.util.function.BiFunction;

/** Reads ranges from one mirror, until that gives up; then from the next one, from the same byte on. */
final class MirroredRangeReader implements RangeReader {

    private final BiFunction<Mirror, TransferFailure, Mirror> insteadOf;
    private Mirror mirror;
    private RangeReader reader;
    private long position;
    private long end;

    /** @param insteadOf who takes the place of one that failed; throws the failure if nobody does */
    MirroredRangeReader(Mirror first, BiFunction<Mirror, TransferFailure, Mirror> insteadOf) {
        this.insteadOf = insteadOf;
        this.mirror = first;
        this.reader = first.source().ranges();
    }

    @Override
    public void start(long from, long to) {
        position = from;
        end = to;
        reader.start(from, to);
    }

    @Override
    public int read(ByteBuffer into) {
        while (true) {
            try {
                int got = reader.read(into);
                position += Math.max(0, got);
                return got;
            } catch (TransferFailure e) {
                goOnElsewhere(e);
            }
        }
    }

    @Override
    public void close() {
        reader.close();
    }

    private void goOnElsewhere(TransferFailure e) {
        mirror = insteadOf.apply(mirror, e);
        reader.close();
        reader = mirror.source().ranges();
        reader.start(position, end);
    }
}
