package io.dvflow.dataplane.source.registry;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicLong;

/** Ranges of a file; the file is closed by whoever opened it. */
final class FileRanges implements RangeReader {

    private final FileChannel file;
    private final long base;
    private final String name;
    private final AtomicLong counted;
    private long position;
    private long end;

    /**
     * @param base what the ranges are counted from
     * @param counted grows by what is read
     */
    FileRanges(FileChannel file, long base, String name, AtomicLong counted) {
        this.file = file;
        this.base = base;
        this.name = name;
        this.counted = counted;
    }

    @Override
    public void start(long from, long to) {
        position = from;
        end = to;
    }

    @Override
    public int read(ByteBuffer into) {
        if (position == end) {
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + end - position));
        try {
            int got = file.read(into, base + position);
            if (got < 0) {
                throw new TransferFailure(
                        FailureReason.CORRUPT_IMAGE,
                        "Unable to process data: " + name + " ends at byte " + (base + position) + ", "
                                + (end - position) + " bytes too early");
            }
            position += got;
            counted.addAndGet(got);
            return got;
        } catch (IOException e) {
            throw OciArchive.unreadable(name, e);
        } finally {
            into.limit(limit);
        }
    }

    @Override
    public void close() {
        // The file outlives its readers.
    }
}
