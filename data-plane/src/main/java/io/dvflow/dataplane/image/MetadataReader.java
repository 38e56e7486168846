package io.dvflow.dataplane.image;

import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads tables out of the source, in blocks: small tables lie close together, and a request for each would take
 * longer than the data. Holds a few blocks, never the whole map.
 */
public final class MetadataReader {

    private static final int BLOCK = 64 << 10;
    private static final int KEPT_BLOCKS = 32;

    private static final RangeReader NOTHING_MORE = new RangeReader() {
        @Override
        public void start(long from, long to) {
            throw new IllegalStateException("Bytes " + from + " to " + to + " are not at the beginning of the file");
        }

        @Override
        public int read(ByteBuffer into) {
            return -1;
        }

        @Override
        public void close() {
            // Nothing has been opened.
        }
    };

    private final RangeReader reader;
    private final long fileLength;
    private final ByteOrder order;
    private final Map<Long, byte[]> blocks = new LinkedHashMap<>(KEPT_BLOCKS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > KEPT_BLOCKS;
        }
    };

    /**
     * @param first the beginning of the file, which is not fetched again where it is a block
     * @param order of the numbers in all buffers that are handed out
     */
    public MetadataReader(RangeReader reader, byte[] first, long fileLength, ByteOrder order) {
        this.reader = reader;
        this.fileLength = fileLength;
        this.order = order;
        if (first.length == blockLength(0)) {
            blocks.put(0L, first);
        }
    }

    /**
     * For what lies at the beginning of a file that cannot be read any further yet.
     *
     * @param first the beginning, as far as a first look goes, or all of a shorter file; a longer one may have any length
     */
    public static MetadataReader ofBeginning(byte[] first, ByteOrder order) {
        return new MetadataReader(NOTHING_MORE, first, first.length < BLOCK ? first.length : Long.MAX_VALUE, order);
    }

    public long fileLength() {
        return fileLength;
    }

    /** Whether these bytes lie inside the file; both numbers may be anything. */
    public boolean holds(long offset, long length) {
        return offset >= 0 && length >= 0 && offset <= fileLength - length;
    }

    /** Bytes that lie inside the file. */
    public ByteBuffer read(long offset, int length) {
        byte[] bytes = new byte[length];
        int done = 0;
        while (done < length) {
            long at = offset + done;
            byte[] block = block(at / BLOCK);
            int within = (int) (at % BLOCK);
            int count = Math.min(length - done, block.length - within);
            System.arraycopy(block, within, bytes, done, count);
            done += count;
        }
        return ByteBuffer.wrap(bytes).order(order);
    }

    private byte[] block(long number) {
        byte[] known = blocks.get(number);
        if (known != null) {
            return known;
        }
        long from = number * BLOCK;
        byte[] block = new byte[blockLength(number)];
        reader.start(from, from + block.length);
        reader.readFully(ByteBuffer.wrap(block));
        blocks.put(number, block);
        return block;
    }

    private int blockLength(long number) {
        return (int) Math.min(BLOCK, fileLength - number * BLOCK);
    }
}
