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
     * @param pin identity of the bytes as the server has them, packed or not; length -1 while unknown
     * @param seekable whether ranges can be read
     * @param firstBytes the beginning, up to {@link #FIRST_BYTES}
     * @param contentType as the server names it, if it does
     * @param length bytes of the source as it is read here, unpacked; -1 while unknown
     * @param leastLength what the length is known not to be below; the length itself once that is known
     */
    record Facts(
            SourcePin pin,
            boolean seekable,
            byte[] firstBytes,
            Optional<String> contentType,
            long length,
            long leastLength) {

        public Facts(SourcePin pin, boolean seekable, byte[] firstBytes, Optional<String> contentType) {
            this(pin, seekable, firstBytes, contentType, pin.length(), Math.max(pin.length(), firstBytes.length));
        }

        public boolean lengthKnown() {
            return length >= 0;
        }
    }

    /** Enough for every header and for the first tables of small images. */
    int FIRST_BYTES = 64 << 10;

    Facts facts();

    /** For a seekable source; rides out what can be ridden out. */
    RangeReader ranges();

    /** How many range readers at the same time are of use. */
    default int mostReaders() {
        return Integer.MAX_VALUE;
    }

    /**
     * As {@link #ranges}, for one of several readers that together read the source once, in order: where it has a checksum,
     * every byte of theirs is held against it.
     */
    default RangeReader rangesOfAll() {
        return ranges();
    }

    /**
     * The source in order, from a mark that an earlier reader of the same content made, or from its first byte. A source
     * that cannot be read from a mark's place starts earlier and says so by {@link SequentialReader#position}.
     */
    SequentialReader inOrder(Optional<Mark> from);

    /**
     * Whether readers take broken connections up again by themselves, at the byte. Otherwise a broken connection ends the
     * reader with a failure that may be tried again.
     */
    default boolean ridesOutDrops() {
        return facts().seekable();
    }

    /** What the server says that the whole source hashes to, as {@code algorithm:hex}. */
    default Optional<String> offeredChecksum() {
        return Optional.empty();
    }

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
