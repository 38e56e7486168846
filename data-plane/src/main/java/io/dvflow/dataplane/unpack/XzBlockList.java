package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Reads from the end of an xz file where its blocks are: footer, index, header, and so on for the stream before it. A file
 * that would take long to look through has no list.
 */
final class XzBlockList {

    private static final int MOST_STREAMS = 64;
    private static final long LARGEST_INDEX = 1 << 20;
    private static final int MOST_BLOCKS = 200_000;
    private static final int TAIL = 4 << 10;

    private final RangeReader reader;
    /** From the last stream to the first. */
    private final Deque<Stream> streams = new ArrayDeque<>();

    private int blocks;

    private XzBlockList(RangeReader reader) {
        this.reader = reader;
    }

    /** One stream's blocks: unpadded and plain sizes in turn. */
    private record Stream(long start, XzCheck check, long[] sizes) {}

    /** In order; empty if this cannot be told. */
    static List<PackedBlock> read(RangeReader reader, long length) {
        XzBlockList list = new XzBlockList(reader);
        long end = length;
        while (end > 0) {
            Optional<Stream> stream = list.streams.size() < MOST_STREAMS ? list.streamBefore(end) : Optional.empty();
            if (stream.isEmpty()) {
                return List.of();
            }
            list.streams.push(stream.get());
            end = stream.get().start;
        }
        return list.inOrder();
    }

    static long padded(long size) {
        return Math.ceilDiv(size, 4) * 4;
    }

    private Optional<Stream> streamBefore(long end) {
        byte[] tail = bytes(Math.max(0, end - TAIL), end);
        int last = tail.length;
        while (last >= 4 && isZero(tail, last - 4)) {
            last -= 4;
        }
        if (last < XzFrame.BYTES) {
            return Optional.empty();
        }
        long footerEnd = end - (tail.length - last);
        return XzFrame.footer(Arrays.copyOfRange(tail, last - XzFrame.BYTES, last))
                .filter(footer -> footer.indexBytes() <= Math.min(LARGEST_INDEX, footerEnd - 2 * XzFrame.BYTES))
                .flatMap(footer -> stream(footer, footerEnd - XzFrame.BYTES - footer.indexBytes()));
    }

    private Optional<Stream> stream(XzFrame.Footer footer, long indexStart) {
        long[] sizes = sizes(indexStart, footer.indexBytes());
        long start = indexStart - XzFrame.BYTES;
        for (int i = 0; i < sizes.length && start >= 0; i += 2) {
            start = sizes[i] > start ? -1 : start - padded(sizes[i]);
        }
        if (start < 0 || sizes.length > 2 * (MOST_BLOCKS - blocks)) {
            return Optional.empty();
        }
        blocks += sizes.length / 2;
        long at = start;
        return XzFrame.header(bytes(at, at + XzFrame.BYTES))
                .filter(footer.check()::equals)
                .map(check -> new Stream(at, check, sizes));
    }

    private long[] sizes(long indexStart, long indexBytes) {
        List<Long> sizes = new ArrayList<>();
        byte[] index = bytes(indexStart, indexStart + indexBytes);
        try (PackedInput input = PackedInput.ofBlock(Packing.XZ, new FirstBytesReader(index), index.length)) {
            XzIndexReader.read(input, MOST_BLOCKS, (unpadded, plain) -> {
                sizes.add(unpadded);
                sizes.add(plain);
            });
        }
        return sizes.stream().mapToLong(Long::longValue).toArray();
    }

    private List<PackedBlock> inOrder() {
        List<PackedBlock> all = new ArrayList<>(blocks);
        long plain = 0;
        for (Stream stream : streams) {
            long host = stream.start + XzFrame.BYTES;
            for (int i = 0; i < stream.sizes.length; i += 2) {
                long length = stream.sizes[i + 1];
                if (length > Long.MAX_VALUE / 2 - plain) {
                    return List.of();
                }
                all.add(new PackedBlock(host, padded(stream.sizes[i]), plain, length, stream.check));
                host += padded(stream.sizes[i]);
                plain += length;
            }
        }
        return all;
    }

    private byte[] bytes(long from, long to) {
        byte[] bytes = new byte[(int) (to - from)];
        reader.start(from, to);
        reader.readFully(ByteBuffer.wrap(bytes));
        return bytes;
    }

    private static boolean isZero(byte[] bytes, int at) {
        return (bytes[at] | bytes[at + 1] | bytes[at + 2] | bytes[at + 3]) == 0;
    }
}
