package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What a packed source holds, to be read in order: whoever reads unpacks. */
public final class UnpackedSource implements ImageSource {

    /** Every format is known by its first kilobytes. */
    private static final int ENOUGH = 16 << 10;

    private final ImageSource packed;
    private final Packing packing;
    private final Facts facts;
    private final MarkDistance distance;

    private UnpackedSource(ImageSource packed, Packing packing, Facts facts, MarkDistance distance) {
        this.packed = packed;
        this.packing = packing;
        this.facts = facts;
        this.distance = distance;
    }

    /**
     * Unpacks the beginning, as far as possible out of what the first look at the packed source has brought.
     *
     * @param packed closed by whoever opened it
     * @param blocks if the end of the source says where they are, and so how much it holds
     */
    public static UnpackedSource of(
            ImageSource packed, Packing packing, Optional<PackedBlocks> blocks, MarkDistance distance) {
        Facts outside = packed.facts();
        boolean all = outside.length() == outside.firstBytes().length;
        Beginning beginning = all
                ? Beginning.read(Unpacking.open(packing, new FirstBytesReader(outside.firstBytes()), Optional.empty()))
                : atHand(packing, outside.firstBytes())
                        .orElseGet(() -> Beginning.read(
                                Unpacking.open(packing, packed.inOrder(Optional.empty()), Optional.empty())));
        if (beginning.bytes.length == 0) {
            throw new UnpackingTrouble(packing).corrupt("there is nothing in it");
        }
        long length = beginning.whole
                ? beginning.bytes.length
                : blocks.map(PackedBlocks::length).orElse(-1L);
        long least =
                beginning.whole ? length : Math.max(beginning.bytes.length, packing.statedLength(outside.firstBytes()));
        Facts inside = new Facts(
                outside.pin(), false, beginning.bytes, outside.contentType(), length, Math.max(length, least));
        return new UnpackedSource(packed, packing, inside, distance);
    }

    /**
     * The first bytes of what is packed.
     *
     * @param whole whether there are no more
     */
    private record Beginning(byte[] bytes, boolean whole) {
        static Beginning read(SequentialReader unpacked) {
            ByteBuffer into = ByteBuffer.allocate(FIRST_BYTES);
            boolean ended = false;
            try (unpacked) {
                while (into.hasRemaining() && !ended) {
                    ended = unpacked.read(into) < 0;
                }
            }
            return new Beginning(Arrays.copyOf(into.array(), into.position()), ended);
        }
    }

    /** What comes out of the first packed bytes, if it is enough to tell what it is. */
    private static Optional<Beginning> atHand(Packing packing, byte[] first) {
        ByteBuffer into = ByteBuffer.allocate(FIRST_BYTES);
        try (SequentialReader reader = Unpacking.open(packing, new FirstBytesReader(first), Optional.empty())) {
            while (into.hasRemaining() && reader.read(into) >= 0) {
                // The buffer says how much there is.
            }
        } catch (TransferFailure e) {
            if (e.reason() != FailureReason.CORRUPT_IMAGE) {
                throw e;
            }
            // The first bytes end within something, of course; whether more is wrong shows when all of it is read.
        }
        return into.position() < ENOUGH
                ? Optional.empty()
                : Optional.of(new Beginning(Arrays.copyOf(into.array(), into.position()), false));
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
        return Unpacking.open(packing, packed.inOrder(usable.flatMap(Mark::below)), usable, distance);
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
