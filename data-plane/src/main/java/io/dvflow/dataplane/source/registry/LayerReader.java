package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The unpacked bytes of a layer, over a digest of the stored ones. */
final class LayerReader implements SequentialReader {

    private static final int REST = 256 << 10;

    private final DigestedReader stored;
    private final SequentialReader unpacked;

    private LayerReader(DigestedReader stored, SequentialReader unpacked) {
        this.stored = stored;
        this.unpacked = unpacked;
    }

    static LayerReader open(String name, ContentDigest digest, ImageSource blob, Optional<Mark> from) {
        DigestedReader stored = new DigestedReader(blob.inOrder(Optional.empty()), digest, name);
        return new LayerReader(stored, stored);
    }

    @Override
    public int read(ByteBuffer into) {
        return unpacked.read(into);
    }

    /** Reads on to the last stored byte, and holds all of them against the digest. */
    void checkAll() {
        ByteBuffer rest = ByteBuffer.allocateDirect(REST);
        readToEnd(unpacked, rest);
        readToEnd(stored, rest);
        stored.check();
    }

    private static void readToEnd(SequentialReader reader, ByteBuffer scratch) {
        while (reader.read(scratch.clear()) >= 0) {
            // Only the digest is interested.
        }
    }

    @Override
    public long position() {
        return unpacked.position();
    }

    @Override
    public Mark mark() {
        return unpacked.mark();
    }

    @Override
    public void close() {
        unpacked.close();
    }
}
