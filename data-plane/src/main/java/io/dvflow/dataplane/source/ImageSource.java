package io.dvflow.dataplane.source;

import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.io.Closeable;
import java.util.Map;
import java.util.Optional;

/** Bytes somewhere else that hold a disk image. */
public interface ImageSource extends Closeable {

    /**
     * What the first look at the source showed.
     *
     * @param pin identity of the bytes; length -1 while unknown
     * @param seekable whether ranges can be read
     * @param firstBytes the beginning, up to {@link #FIRST_BYTES}
     * @param contentType as the server names it, if it does
     */
    record Facts(SourcePin pin, boolean seekable, byte[] firstBytes, Optional<String> contentType) {
        public boolean lengthKnown() {
            return pin.length() >= 0;
        }
    }

    /** Enough for every header and for the first tables of small images. */
    int FIRST_BYTES = 64 << 10;

    Facts facts();

    /** For a seekable source; rides out what can be ridden out. */
    RangeReader ranges();

    /**
     * The source in order, from a mark that an earlier reader of the same content made, or from its first byte. A source
     * that cannot be read from a mark's place starts earlier and says so by {@link SequentialReader#position}.
     *
     * <p>Over a source without ranges a broken connection ends the reader with a failure that may be tried again.
     */
    SequentialReader inOrder(Optional<Mark> from);

    /** Bytes fetched so far, over all readers. */
    long fetchedBytes();

    /** What the source says about the disk, as labels for its claim. */
    default Map<String, String> labels() {
        return Map.of();
    }

    /** Readers are closed by whoever asked for them; this ends what the source itself keeps running. */
    @Override
    default void close() {
        // Most sources are nothing beside their readers.
    }
}
