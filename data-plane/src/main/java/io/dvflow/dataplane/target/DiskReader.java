package io.dvflow.dataplane.target;

import io.dvflow.dataplane.foreign.LinuxFile;
import io.dvflow.dataplane.report.Reporter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads what is on the disk, not what the page cache believes to be there: past the cache where that is allowed, else after
 * the cache has been told to forget. Safe for use by many threads. All failures are
 * {@link io.dvflow.dataplane.report.TransferFailure}s.
 */
public final class DiskReader implements Closeable {

    private final Path path;
    private final FileChannel channel;
    private final LinuxFile file;

    private DiskReader(Path path, FileChannel channel, LinuxFile file) {
        this.path = path;
        this.channel = channel;
        this.file = file;
    }

    /** @param path a file or a device whose content has been flushed */
    public static DiskReader open(Path path, Reporter reporter) {
        try {
            LinuxFile file = LinuxFile.open(path);
            try {
                file.forgetCached();
                return new DiskReader(path, channel(path, reporter), file);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw TargetTrouble.of("open", path, e);
        }
    }

    private static FileChannel channel(Path path, Reporter reporter) throws IOException {
        try {
            if (Files.getFileStore(path).getBlockSize() <= DiskTarget.ALIGNMENT) {
                return FileChannel.open(path, StandardOpenOption.READ, DiskWriter.directOption());
            }
        } catch (IOException | UnsupportedOperationException e) {
            reporter.info(path + " takes no direct I/O, reading it back through the page cache");
        }
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    /**
     * Reads until the buffer is full or the disk ends.
     *
     * @param into aligned in memory, its room a multiple of {@link DiskTarget#ALIGNMENT}
     * @param at a multiple of the same
     */
    public void read(ByteBuffer into, long at) {
        try {
            long position = at;
            while (into.hasRemaining()) {
                int got = channel.read(into, position);
                if (got < 0 || got % DiskTarget.ALIGNMENT != 0) {
                    return;
                }
                position += got;
            }
        } catch (IOException e) {
            throw TargetTrouble.of("read back", path, e);
        }
    }

    /** The first byte from an offset on that is not in a hole; past the end if there is none. */
    public long nextData(long from) {
        try {
            return file.nextData(from);
        } catch (IOException e) {
            throw TargetTrouble.of("read back", path, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
            file.close();
        } catch (IOException e) {
            throw TargetTrouble.of("close", path, e);
        }
    }
}
