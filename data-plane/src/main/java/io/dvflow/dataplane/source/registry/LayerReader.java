package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;

/** The archive that a layer holds. Its end is only its end when every stored byte of the layer has been held to the digest. */
final class LayerReader implements SequentialReader {

    private static final int REST = 256 << 10;

    private final String layer;
    private final SequentialReader archive;

    LayerReader(String layer, SequentialReader archive) {
        this.layer = layer;
        this.archive = archive;
    }

    @Override
    public int read(ByteBuffer into) {
        try {
            return archive.read(into);
        } catch (TransferFailure e) {
            throw ofThisLayer(e);
        }
    }

    /** Reads on to the end, and so to the proof of everything that has been read. */
    void readToEnd() {
        ByteBuffer rest = ByteBuffer.allocateDirect(REST);
        while (read(rest.clear()) >= 0) {
            // Only the digest is interested.
        }
    }

    private TransferFailure ofThisLayer(TransferFailure e) {
        return switch (e.reason()) {
            case CHECKSUM_MISMATCH ->
                new TransferFailure(
                        FailureReason.DIGEST_MISMATCH,
                        "Unable to process data: " + layer + " is not what its digest says (" + e.getMessage()
                                + "). The registry, or a proxy or mirror before it, serves damaged bytes: push the"
                                + " image again",
                        e);
            case CORRUPT_IMAGE, UNSUPPORTED_FORMAT ->
                new TransferFailure(e.reason(), e.getMessage() + " (" + layer + ")", e);
            default -> e;
        };
    }

    @Override
    public long position() {
        return archive.position();
    }

    @Override
    public Mark mark() {
        return archive.mark();
    }

    @Override
    public void close() {
        archive.close();
    }
}
