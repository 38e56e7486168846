package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.util.Optional;

/**
 * Reads packed streams as what they hold. Decompression is the system's own libraries' work; readers use a fixed amount
 * of memory, whatever a stream claims, and end only where the packing proves the end: checksums and sizes are held
 * against what was unpacked, and nothing may follow.
 */
public final class Unpacking {

    private Unpacking() {}

    /** The packing of a source that begins so; empty if it is not packed. */
    public static Optional<Packing> of(byte[] firstBytes) {
        return Packing.of(firstBytes);
    }

    /**
     * A reader of what a packed stream holds.
     *
     * @param below closed with the reader; opened at {@code from}'s own mark beneath, or anywhere before that
     * @param from where an earlier reader was, if {@link Packing#made} says that the mark can be used
     */
    public static SequentialReader open(Packing packing, SequentialReader below, Optional<Mark> from) {
        return open(packing, below, from, MarkDistance.USUAL);
    }

    /** The same with marks at other distances, where the packing allows a mark anywhere. */
    public static SequentialReader open(
            Packing packing, SequentialReader below, Optional<Mark> from, MarkDistance distance) {
        PackedInput input = PackedInput.of(packing, below);
        Optional<Mark> place = from.filter(packing::made);
        try {
            place.ifPresent(input::skipTo);
            return new UnpackingReader(
                    input,
                    decoder(packing, input, place, distance),
                    place.map(Mark::position).orElse(0L));
        } catch (RuntimeException e) {
            input.close();
            throw e;
        }
    }

    private static Decoder decoder(Packing packing, PackedInput input, Optional<Mark> from, MarkDistance distance) {
        return switch (packing) {
            case GZIP -> new GzipDecoder(input, from, distance);
            case XZ -> new XzDecoder(input, from);
            case ZSTD -> new ZstdDecoder(input, from);
        };
    }
}
