package io.dvflow.dataplane.source;

import java.io.Closeable;
import java.nio.ByteBuffer;

/** Reads ranges of a source one after the other over a connection of its own. Not safe for use by many threads. */
public interface RangeReader extends Closeable {

    /** Goes to the bytes {@code from} (included) to {@code to} (not included). */
    void start(long from, long to);

    /**
     * Reads at least one byte, and more while there is room.
     *
     * @return the number of bytes, or -1 when the range has been read to its end
     */
    int read(ByteBuffer into);

    /** Fills the buffer's remaining room; the range must hold as much. */
    default void readFully(ByteBuffer into) {
        while (into.hasRemaining()) {
            if (read(into) < 0) {
                throw new IllegalStateException("Asked for " + into.remaining() + " bytes past the end of the range");
            }
        }
    }

    @Override
    void close();
}
