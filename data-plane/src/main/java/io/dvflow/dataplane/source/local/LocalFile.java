package io.dvflow.dataplane.source.local;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.LongSupplier;

/** An image in a file of the pod, which nobody else writes to. */
public final class LocalFile implements ImageSource {

    private final Path file;
    private final FileChannel channel;
    private final LongSupplier fetchedBytes;
    private final Facts facts;

    private LocalFile(Path file, FileChannel channel, SourcePin pin, long length, LongSupplier fetchedBytes)
            throws IOException {
        this.file = file;
        this.channel = channel;
        this.fetchedBytes = fetchedBytes;
        byte[] first = new byte[(int) Math.min(FIRST_BYTES, length)];
        new Range(0, first.length).readFully(ByteBuffer.wrap(first));
        this.facts = new Facts(pin, true, first, Optional.empty(), length, length);
    }

    /**
     * Opens a file.
     *
     * @param pin identity of what its content was made from
     * @param length bytes of the image; what the file has behind it does not count
     * @param fetchedBytes what was fetched from elsewhere to make it
     */
    public static LocalFile open(Path file, SourcePin pin, long length, LongSupplier fetchedBytes) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
            try {
                return new LocalFile(file, channel, pin, length, fetchedBytes);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw trouble("open", file, e);
        }
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public RangeReader ranges() {
        return new Range(0, 0);
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return new SequentialRanges(ranges(), from.map(Mark::position).orElse(0L), facts.length());
    }

    @Override
    public long fetchedBytes() {
        return fetchedBytes.getAsLong();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw trouble("close", file, e);
        }
    }

    private static TransferFailure trouble(String doing, Path file, IOException e) {
        return new TransferFailure(
                FailureReason.TARGET_IO, "Unable to process data: cannot " + doing + " " + file + ": " + e, e);
    }

    /** All readers share the channel: its reads state their place. */
    private final class Range implements RangeReader {
        private long position;
        private long end;

        Range(long from, long to) {
            start(from, to);
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
            into.limit((int) Math.min(limit, into.position() + (end - position)));
            try {
                int got = channel.read(into, position);
                if (got < 0) {
                    throw new IOException("it ends before byte " + end);
                }
                position += got;
                return got;
            } catch (IOException e) {
                throw trouble("read", file, e);
            } finally {
                into.limit(limit);
            }
        }

        @Override
        public void close() {
            // The channel is the source's.
        }
    }
}
