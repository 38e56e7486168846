package io.dvflow.dataplane.source;

import io.dvflow.transfer.Mark;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * The bytes of something from a place on to its end, in order. Not safe for use by many threads.
 *
 * <p>Readers are stacked: a digest or a decompressor reads from the one beneath it, and closes it.
 */
public interface SequentialReader extends Closeable {

    /**
     * Reads at least one byte, and more while there is room.
     *
     * @return the number of bytes, or -1 at an end that is proved: a broken connection is never taken for one
     */
    int read(ByteBuffer into);

    /** Bytes of the stream that come before the next one read. */
    long position();

    /**
     * The newest place, at or before {@link #position}, from which a later reader can go on. Cheap enough to be asked for
     * every few megabytes. A stream that can only be read from its beginning answers with position 0.
     */
    Mark mark();

    @Override
    void close();
}
