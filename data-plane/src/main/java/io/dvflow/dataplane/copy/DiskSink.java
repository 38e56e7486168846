package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.image.RawImage;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.DiskTarget;
import io.dvflow.transfer.Mark;
import java.util.Optional;

/** Takes a raw disk; its end is filled up to a sector. */
public record DiskSink(DiskTarget target, MarkDistance distance) implements StreamSink {

    @Override
    public void startFresh(ImageSource.Facts facts) {
        target.startFresh(new RawImage(Math.max(0, facts.length())).virtualSize());
    }

    @Override
    public Optional<Mark> placeInStream(Mark mark) {
        return Optional.of(mark);
    }

    @Override
    public long take(SequentialReader reader, Optional<Mark> from, Ledger ledger, StopSignal stop) {
        long length = new StreamCopy(target, ledger, distance, stop).copy(reader, target.limit());
        target.zero(length, new RawImage(length).virtualSize() - length);
        return length;
    }
}
