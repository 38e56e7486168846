package io.dvflow.dataplane.source;

import io.dvflow.transfer.Mark;
import java.util.Optional;

/**
 * A source that is fetched ahead of whoever reads it in order, over several connections if it can seek.
 *
 * @param source closed by whoever opened it
 * @param connections how many ranges are fetched at once
 */
public record AheadSource(ImageSource source, int connections) implements ImageSource {

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
        return source.facts().seekable()
                ? new FetchAhead(
                        source::rangesOfAll,
                        connections,
                        from.map(Mark::position).orElse(0L),
                        source.facts().length())
                : new ReadAhead(source.inOrder(from));
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
