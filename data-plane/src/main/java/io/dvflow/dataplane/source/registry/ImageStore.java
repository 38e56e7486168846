package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.source.ImageSource;
import java.io.Closeable;

/** Where the parts of one container image are. All failures are {@link io.dvflow.dataplane.report.TransferFailure}s. */
interface ImageStore extends Closeable {

    /** The largest manifest or configuration that is read: far more than any real one has. */
    int LARGEST_DOCUMENT = 4 << 20;

    /** What the image is named by may be an index of several images. Checked against the digest if it is named by one. */
    byte[] namedManifest();

    /** One of those that an index names, checked against its digest. */
    byte[] manifest(Descriptor descriptor);

    /** What a manifest names as such, checked against its digest. */
    byte[] configuration(Descriptor descriptor);

    /** A layer as it is stored; its bytes are not checked. */
    ImageSource blob(Descriptor descriptor);

    /** Bytes of blobs fetched so far. */
    long fetchedBytes();

    /** The image as people name it. */
    @Override
    String toString();

    @Override
    void close();
}
