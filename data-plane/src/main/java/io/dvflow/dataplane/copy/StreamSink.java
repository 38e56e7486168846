package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.target.ResumableTarget;
import io.dvflow.transfer.Mark;
import java.util.Optional;

/** Takes a stream in order, and brings what is in it to a target. */
public interface StreamSink {

    ResumableTarget target();

    /** Forgets all earlier content, and makes room for what a source with these facts holds. */
    void startFresh(ImageSource.Facts facts);

    /** Where the stream itself is taken up to go on from a mark that {@link #take} has made. */
    Optional<Mark> placeInStream(Mark mark);

    /**
     * Takes the stream to its end.
     *
     * @param from the mark to go on from; the reader is at its place in the stream, or before that
     * @param ledger hears what has been written, and where the stream can be taken up
     * @param stop ends it between two reads
     * @return bytes of the whole stream
     */
    long take(SequentialReader reader, Optional<Mark> from, Ledger ledger, StopSignal stop);
}
