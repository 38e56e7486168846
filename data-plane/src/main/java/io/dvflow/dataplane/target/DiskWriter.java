package io.dvflow.dataplane.target;

import io.dvflow.dataplane.report.Reporter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes to a file or device past the page cache where that is allowed: filling and flushing the cache costs more
 * than all the rest of a transfer, and counts against the memory limit of the pod. What is not aligned, and
 * everything where direct I/O is refused, goes through the cache.
 */
final class DiskWriter implements Closeable {

    private final Path path;
    private final Reporter reporter;
    private final FileChannel buffered;
    private final FileChannel direct;
    private final AtomicLong written = new AtomicLong();
    private volatile boolean useDirect;

    private DiskWriter(Path path, Reporter reporter, FileChannel buffered, FileChannel direct) {
        this.path = path;
        this.reporter = reporter;
        this.buffered = buffered;
        this.direct = direct;
        this.useDirect = direct != null;
    }

    /** @param wantDirect false where writes will not be aligned */
    static DiskWriter open(Path path, boolean wantDirect, Reporter reporter) throws IOException {
        FileChannel buffered = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new DiskWriter(path, reporter, buffered, wantDirect ? openDirect(path, reporter) : null);
    }

    /** @return null where direct I/O is not to be had */
    private static FileChannel openDirect(Path path, Reporter reporter) throws IOException {
        if (Files.getFileStore(path).getBlockSize() > DiskTarget.ALIGNMENT) {
            // The JVM demands that writes be aligned to what some network file systems call a block: a megabyte.
            return null;
        }
        try {
            return FileChannel.open(path, StandardOpenOption.WRITE, directOption());
        } catch (IOException | UnsupportedOperationException e) {
            reporter.info(path + " takes no direct I/O, writing through the page cache");
            return null;
        }
    }

    /**
     * By name, since the compiler warns of this option (exported by jdk.unsupported) in a way that cannot be
     * silenced.
     */
    static OpenOption directOption() {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            return Arrays.stream(options)
                    .map(OpenOption.class::cast)
                    .filter(option -> option.toString().equals("DIRECT"))
                    .findFirst()
                    .orElseThrow(() -> new UnsupportedOperationException("This JVM has no direct I/O"));
        } catch (ClassNotFoundException e) {
            throw new UnsupportedOperationException("This JVM has no direct I/O", e);
        }
    }

    long size() throws IOException {
        return buffered.size();
    }

    long writtenBytes() {
        return written.get();
    }

    void write(ByteBuffer data, long at) throws IOException {
        long position = at;
        int aligned = data.remaining() / DiskTarget.ALIGNMENT * DiskTarget.ALIGNMENT;
        if (useDirect && aligned > 0 && isAligned(data, at)) {
            int limit = data.limit();
            data.limit(data.position() + aligned);
            position = writeDirect(data, at);
            data.limit(limit);
        }
        writeAll(buffered, data, position);
    }

    void force() throws IOException {
        buffered.force(false);
    }

    void forceAll() throws IOException {
        buffered.force(true);
    }

    @Override
    public void close() throws IOException {
        if (direct != null) {
            direct.close();
        }
        buffered.close();
    }

    private static boolean isAligned(ByteBuffer data, long at) {
        return data.isDirect()
                && at % DiskTarget.ALIGNMENT == 0
                && data.alignmentOffset(data.position(), DiskTarget.ALIGNMENT) == 0;
    }

    private long writeDirect(ByteBuffer data, long at) throws IOException {
        int start = data.position();
        try {
            return writeAll(direct, data, at);
        } catch (IOException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            refused();
            return at + (data.position() - start);
        }
    }

    private synchronized void refused() {
        if (useDirect) {
            useDirect = false;
            reporter.info(path + " refuses direct I/O, writing through the page cache");
        }
    }

    /** Whether direct I/O has failed because it was direct. */
    static boolean isRefusal(IOException e) {
        return e.getMessage() != null && e.getMessage().contains("Invalid argument");
    }

    private long writeAll(FileChannel channel, ByteBuffer data, long at) throws IOException {
        long position = at;
        while (data.hasRemaining()) {
            int count = channel.write(data, position);
            position += count;
            written.addAndGet(count);
        }
        return position;
    }
}
