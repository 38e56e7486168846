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
     * @return the number of bytes, or -1 at an end that is proved: a broken connection is never taken for one, and a
     *     reader on top of another has then read that one to its end too
     */
    int read(ByteBuffer into);

    /** Bytes of the stream that come before the next one read. */
    long position();

    /**
     * The newest place, at or before {@link #position}, from which a later reader can go on. Cheap enough to be asked for
     * every few megabytes. A stream that can only be read from its beginning answers with position 0.
     */
    Mark mark();

    /** Reads past what comes before a place, which must not lie behind. */
    default void skipTo(long place) {
        ByteBuffer passed = ByteBuffer.allocate(64 << 10);
        while (position() < place) {
            passed.clear().limit((int) Math.min(passed.capacity(), place - position()));
            if (read(passed) < 0) {
                throw new IllegalStateException("The stream ends at byte " + position() + ", before " + place);
            }
        }
        if (position() > place) {
            throw new IllegalStateException("The stream is at byte " + position() + " already, behind " + place);
        }
    }

    @Override
    void close();
}
