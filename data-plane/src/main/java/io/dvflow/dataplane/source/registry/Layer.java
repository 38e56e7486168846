package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
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
    private final ImageSource blob;

    private Layer(String name, ContentDigest digest, ImageSource blob) {
        this.name = name;
        this.digest = digest;
        this.blob = blob;
    }

    static Layer open(ImageStore store, Descriptor descriptor) {
        if (!ARCHIVE.matcher(descriptor.mediaType()).matches()) {
            throw new TransferFailure(
                    FailureReason.UNSUPPORTED_FORMAT,
                    "Unable to process data: layer " + descriptor.contentDigest() + " of " + store + " is of type '"
                            + Shown.text(descriptor.mediaType())
                            + "'; a tar archive, plain or compressed by gzip or zstd, is expected. Build the image with"
                            + " the disk below /disk/");
        }
        return new Layer(
                "layer " + descriptor.contentDigest() + " of " + store,
                descriptor.contentDigest(),
                store.blob(descriptor));
    }

    ContentDigest digest() {
        return digest;
    }

    /** The archive, from its beginning or from the place of a mark of an earlier reader. */
    LayerReader read(Optional<Mark> from) {
        return LayerReader.open(name, digest, blob, from);
    }

    @Override
    public String toString() {
        return name;
    }
}
