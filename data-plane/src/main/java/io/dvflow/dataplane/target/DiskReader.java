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
import java.util.Optional;

/**
 * Reads what is on the disk, not what the page cache believes to be there: past the cache where that is allowed, else after
 * the cache has been told to forget. Safe for use by many threads. All failures are
 * {@link io.dvflow.dataplane.report.TransferFailure}s.
 */
public final class DiskReader implements Closeable {

    private final Path path;
    private final Reporter reporter;
    private final FileChannel buffered;
    private final Optional<FileChannel> direct;
    private final LinuxFile file;
    private volatile boolean useDirect;

    private DiskReader(
            Path path, Reporter reporter, FileChannel buffered, Optional<FileChannel> direct, LinuxFile file) {
        this.path = path;
        this.reporter = reporter;
        this.buffered = buffered;
        this.direct = direct;
        this.file = file;
        this.useDirect = direct.isPresent();
    }

    /** @param path a file or a device whose content has been flushed */
    public static DiskReader open(Path path, Reporter reporter) {
        try {
            LinuxFile file = LinuxFile.open(path);
            try {
                file.forgetCached();
                FileChannel buffered = FileChannel.open(path, StandardOpenOption.READ);
                return new DiskReader(path, reporter, buffered, openDirect(path, reporter), file);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw TargetTrouble.of("open", path, e);
        }
    }

    private static Optional<FileChannel> openDirect(Path path, Reporter reporter) {
        try {
            if (Files.getFileStore(path).getBlockSize() > DiskTarget.ALIGNMENT) {
                return Optional.empty();
            }
            return Optional.of(FileChannel.open(path, StandardOpenOption.READ, DiskWriter.directOption()));
        } catch (IOException | UnsupportedOperationException e) {
            reporter.info(path + " takes no direct I/O, reading it back through the page cache");
            return Optional.empty();
        }
    }

    /**
     * Reads until the buffer is full or the disk ends.
     *
     * @param into aligned in memory, its room a multiple of {@link DiskTarget#ALIGNMENT}
     * @param at a multiple of the same
     */
    public void read(ByteBuffer into, long at) {
        try {
            int start = into.position();
            if (!useDirect || !readDirect(into, at)) {
                read(buffered, into, at + (into.position() - start));
            }
        } catch (IOException e) {
            throw TargetTrouble.of("read back", path, e);
        }
    }

    /** @return false if it is refused, as by a device whose sectors are larger than what reads are aligned to */
    private boolean readDirect(ByteBuffer into, long at) throws IOException {
        try {
            read(direct.orElseThrow(), into, at);
            return true;
        } catch (IOException e) {
            if (!DiskWriter.isRefusal(e)) {
                throw e;
            }
            refused();
            return false;
        }
    }

    private synchronized void refused() {
        if (useDirect) {
            useDirect = false;
            reporter.info(path + " refuses direct I/O, reading it back through the page cache");
        }
    }

    private static void read(FileChannel channel, ByteBuffer into, long at) throws IOException {
        long position = at;
        while (into.hasRemaining()) {
            int got = channel.read(into, position);
            if (got < 0 || got % DiskTarget.ALIGNMENT != 0) {
                return;
            }
            position += got;
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
            if (direct.isPresent()) {
                direct.get().close();
            }
            buffered.close();
            file.close();
        } catch (IOException e) {
            throw TargetTrouble.of("close", path, e);
        }
    }
}
