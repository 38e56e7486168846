package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.tar.TarEntry;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/**
 * One file of a layer. Its end is only its end when the whole layer, what follows the file included, has the digest that it
 * should have.
 */
final class DiskReader implements SequentialReader {

    private static final int SKIP = 256 << 10;

    private final LayerReader archive;
    private final Layer layer;
    private final TarEntry disk;
    private long position;
    private boolean checked;

    /**
     * @param archive at or before the place; closed with this reader
     * @param position the place in the file
     */
    DiskReader(LayerReader archive, Layer layer, TarEntry disk, long position) {
        this.archive = archive;
        this.layer = layer;
        this.disk = disk;
        this.position = position;
        passOver(disk.dataAt() + position - archive.position());
    }

    @Override
    public int read(ByteBuffer into) {
        if (position == disk.size()) {
            if (!checked) {
                archive.checkAll();
                checked = true;
            }
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + disk.size() - position));
        int got;
        try {
            got = archive.read(into);
        } finally {
            into.limit(limit);
        }
        if (got < 0) {
            throw endsEarly();
        }
        position += got;
        return got;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Mark mark() {
        Mark below = archive.mark();
        return new Mark(Math.max(0, below.position() - disk.dataAt()), Map.of(), Optional.of(below));
    }

    @Override
    public void close() {
        archive.close();
    }

    private void passOver(long bytes) {
        ByteBuffer skipped = ByteBuffer.allocateDirect((int) Math.max(0, Math.min(SKIP, bytes)));
        for (long left = bytes; left > 0; ) {
            skipped.clear().limit((int) Math.min(skipped.capacity(), left));
            int got = archive.read(skipped);
            if (got < 0) {
                throw endsEarly();
            }
            left -= got;
        }
    }

    private TransferFailure endsEarly() {
        return new TransferFailure(
                FailureReason.CORRUPT_IMAGE,
                "Unable to process data: " + layer + " ends after " + position + " of the " + disk.size() + " bytes of "
                        + Shown.text(disk.name()));
    }
}
