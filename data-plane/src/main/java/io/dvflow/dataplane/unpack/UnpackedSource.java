package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.ReadAhead;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What a packed source holds, to be read in order. */
public final class UnpackedSource implements ImageSource {

    private final ImageSource packed;
    private final Packing packing;
    private final Facts facts;

    private UnpackedSource(ImageSource packed, Packing packing, Facts facts) {
        this.packed = packed;
        this.packing = packing;
        this.facts = facts;
    }

    /**
     * Unpacks the beginning, as far as possible out of what the first look at the packed source has brought.
     *
     * @param packed closed by whoever opened it
     */
    public static UnpackedSource of(ImageSource packed, Packing packing) {
        byte[] first = new byte[FIRST_BYTES];
        ByteBuffer into = ByteBuffer.wrap(first);
        boolean ended = false;
        try (SequentialReader reader = Unpacking.open(packing, new FirstBytesReader(packed), Optional.empty())) {
            while (into.hasRemaining() && !ended) {
                ended = reader.read(into) < 0;
            }
        }
        Facts outside = packed.facts();
        long length = ended ? into.position() : -1;
        long least = Math.max(into.position(), packing.statedLength(outside.firstBytes()));
        return new UnpackedSource(
                packed,
                packing,
                new Facts(
                        outside.pin(),
                        false,
                        Arrays.copyOf(first, into.position()),
                        outside.contentType(),
                        length,
                        ended ? length : least));
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public RangeReader ranges() {
        throw new UnsupportedOperationException("A " + packing.label() + " stream is read in order");
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        Optional<Mark> usable = from.filter(packing::made);
        return new ReadAhead(Unpacking.open(packing, packed.inOrder(usable.flatMap(Mark::below)), usable));
    }

    @Override
    public boolean ridesOutDrops() {
        return packed.ridesOutDrops();
    }

    @Override
    public long fetchedBytes() {
        return packed.fetchedBytes();
    }
}
