package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.checksum.Checksum;
import io.dvflow.dataplane.checksum.HashedSource;
import io.dvflow.dataplane.report.Shown;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.AheadSource;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.unpack.UnpackedSource;
import io.dvflow.dataplane.unpack.Unpacking;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.util.Optional;
import java.util.regex.Pattern;

/** A layer of an image: a tar archive, mostly compressed, whose stored bytes must hash to its digest. */
final class Layer {

    /** OCI's and Docker's names for it; which compression it is, the bytes say better. */
    private static final Pattern ARCHIVE = Pattern.compile("application/vnd\\.(?:"
            + "oci\\.image\\.layer(?:\\.nondistributable)?\\.v1\\.tar(?:\\+(?:gzip|zstd))?"
            + "|docker\\.image\\.rootfs(?:\\.foreign)?\\.diff\\.tar(?:\\.(?:gzip|zstd))?"
            + "|docker\\.image\\.rootfs\\.diff\\.tar)");

    private final String name;
    private final ContentDigest digest;
    private final ImageSource archive;

    private Layer(String name, ContentDigest digest, ImageSource archive) {
        this.name = name;
        this.digest = digest;
        this.archive = archive;
    }

    static Layer open(ImageStore store, Descriptor descriptor, Reading reading) {
        if (!ARCHIVE.matcher(descriptor.mediaType()).matches()) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: layer " + descriptor.contentDigest() + " of " + store + " is of type '"
                            + Shown.text(descriptor.mediaType())
                            + "'; a tar archive, plain or compressed by gzip or zstd, is expected. Build the image with"
                            + " the disk below /disk/");
        }
        ContentDigest digest = descriptor.contentDigest();
        ImageSource stored = new HashedSource(
                new AheadSource(store.blob(descriptor), reading.connections()), Checksum.parse(digest.toString()));
        ImageSource archive = Unpacking.of(stored.facts().firstBytes())
                .<ImageSource>map(packing -> UnpackedSource.of(stored, packing, Optional.empty(), reading.marks()))
                .orElse(stored);
        return new Layer("layer " + digest + " of " + store, digest, archive);
    }

    ContentDigest digest() {
        return digest;
    }

    /** The archive, from its beginning or from the place of a mark of an earlier reader. */
    LayerReader read(Optional<Mark> from) {
        return new LayerReader(name, archive.inOrder(from));
    }

    /** See {@link ImageSource#ridesOutDrops}. */
    boolean ridesOutDrops() {
        return archive.ridesOutDrops();
    }

    @Override
    public String toString() {
        return name;
    }
}
