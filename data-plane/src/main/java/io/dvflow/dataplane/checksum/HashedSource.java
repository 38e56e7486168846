package io.dvflow.dataplane.checksum;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.ReadAhead;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.util.Optional;

/**
 * A source that, read in order to its end, is either what its checksum says or a failure.
 *
 * @param source closed by whoever opened it
 */
public record HashedSource(ImageSource source, Checksum checksum) implements ImageSource {

    @Override
    public Facts facts() {
        return source.facts();
    }

    @Override
    public RangeReader ranges() {
        return source.ranges();
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        Optional<Mark> usable = from.filter(checksum::made);
        return new ReadAhead(checksum.hash(source.inOrder(usable.flatMap(Mark::below)), usable));
    }

    @Override
    public int mostReaders() {
        return source.mostReaders();
    }

    @Override
    public boolean ridesOutDrops() {
        return source.ridesOutDrops();
    }

    @Override
    public long fetchedBytes() {
        return source.fetchedBytes();
    }
}
