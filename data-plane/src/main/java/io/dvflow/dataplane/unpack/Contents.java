package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.transfer.FailureReason;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * What is in a source once all packings are off.
 *
 * @param inOrder the source itself if it is not packed; otherwise it is unpacked as it is read in order
 * @param blocks if the source is packed, in several blocks, and says where they are
 */
public record Contents(ImageSource inOrder, Optional<PackedBlocks> blocks) {

    /**
     * Takes a look.
     *
     * @param source as it was opened
     * @param asRead the same, as it is to be read in order
     */
    public static Contents of(ImageSource source, ImageSource asRead, MarkDistance distance) {
        ImageSource contents = asRead;
        Optional<PackedBlocks> blocks = Optional.empty();
        Set<Packing> seen = EnumSet.noneOf(Packing.class);
        for (Optional<Packing> packing = packingOf(contents); packing.isPresent(); packing = packingOf(contents)) {
            // By each packing once, as CDI takes it: what goes on for ever is not an image.
            if (!seen.add(packing.get())) {
                throw new TransferFailure(
                        FailureReason.UNSUPPORTED_FORMAT,
                        "Unable to process data: the source is packed with "
                                + packing.get().label() + " more than once. Unpack it once and serve the result");
            }
            blocks = seen.size() == 1 ? PackedBlocks.of(source, packing.get()) : Optional.empty();
            contents = UnpackedSource.of(contents, packing.get(), blocks, distance);
        }
        return new Contents(contents, blocks.filter(PackedBlocks::areSeveral));
    }

    private static Optional<Packing> packingOf(ImageSource source) {
        return Unpacking.of(source.facts().firstBytes());
    }
}
