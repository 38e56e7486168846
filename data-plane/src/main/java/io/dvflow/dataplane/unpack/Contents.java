package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.AheadSource;
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
     * @param reporter hears of what is unusual
     */
    public static Contents of(ImageSource source, ImageSource asRead, MarkDistance distance, Reporter reporter) {
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
            noteMemory(packing.get().unusualMemory(contents.facts().firstBytes()), reporter);
            blocks = seen.size() == 1 ? PackedBlocks.of(source, packing.get()) : Optional.empty();
            contents = UnpackedSource.of(unpackedAhead(contents), packing.get(), blocks, distance);
        }
        return new Contents(contents, blocks.filter(PackedBlocks::areSeveral));
    }

    /** For those who have more to do with what they read than to write it down: they do not unpack as well. */
    public ImageSource ahead() {
        return unpackedAhead(inOrder);
    }

    private static ImageSource unpackedAhead(ImageSource source) {
        return source instanceof UnpackedSource ? new AheadSource(source, 1) : source;
    }

    private static void noteMemory(long bytes, Reporter reporter) {
        if (bytes > 0) {
            reporter.info("The source was packed with a long window (zstd --long or --ultra): unpacking takes "
                    + (bytes >> 20) + " MiB of memory beside the 60 MiB or so that a stream takes without");
        }
    }

    private static Optional<Packing> packingOf(ImageSource source) {
        return Unpacking.of(source.facts().firstBytes());
    }
}
