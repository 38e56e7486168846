package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.Shown;
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
    /** Where the first byte can be had again. */
    private final Mark start;
    /** What has been read from the archive and not from here. */
    private ByteBuffer seen = ByteBuffer.allocate(0);

    private long position;

    private DiskReader(LayerReader archive, Layer layer, TarEntry disk, long position) {
        this.archive = archive;
        this.layer = layer;
        this.disk = disk;
        this.position = position;
        this.start = mark();
    }

    /**
     * The file from a place on.
     *
     * @param archive at or before the place; closed with this reader
     */
    static DiskReader at(long position, TarEntry disk, Layer layer, LayerReader archive) {
        DiskReader reader = new DiskReader(archive, layer, disk, position);
        reader.passOver(disk.dataAt() + position - archive.position());
        return reader;
    }

    /** Reads the first bytes, and will read them again. */
    byte[] look(int most) {
        ByteBuffer first = ByteBuffer.allocate((int) Math.min(most, disk.size()));
        while (first.hasRemaining()) {
            read(first);
        }
        seen = first.flip();
        position = 0;
        return first.array();
    }

    @Override
    public int read(ByteBuffer into) {
        if (position == disk.size()) {
            archive.readToEnd();
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + disk.size() - position));
        try {
            int got = seen.hasRemaining() ? readSeen(into) : readArchive(into);
            position += got;
            return got;
        } finally {
            into.limit(limit);
        }
    }

    private int readSeen(ByteBuffer into) {
        int count = Math.min(seen.remaining(), into.remaining());
        into.put(seen.slice(seen.position(), count));
        seen.position(seen.position() + count);
        return count;
    }

    private int readArchive(ByteBuffer into) {
        int got = archive.read(into);
        if (got < 0) {
            throw endsEarly();
        }
        return got;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public Mark mark() {
        if (seen.hasRemaining()) {
            return start;
        }
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
            left -= readArchive(skipped.clear().limit((int) Math.min(skipped.capacity(), left)));
        }
    }

    private TransferFailure endsEarly() {
        return new TransferFailure(
                FailureReason.CORRUPT_IMAGE,
                "Unable to process data: " + layer + " ends after " + position + " of the " + disk.size() + " bytes of "
                        + Shown.text(disk.name()));
    }
}
