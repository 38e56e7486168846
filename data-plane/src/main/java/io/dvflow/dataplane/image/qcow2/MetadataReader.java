package io.dvflow.dataplane.image.qcow2;

import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads tables out of the source, in blocks: small tables lie close together, and a request for each would take
 * longer than the data. Holds a few blocks, never the whole map.
 */
final class MetadataReader {

    private static final int BLOCK = 64 << 10;
    private static final int KEPT_BLOCKS = 32;

    private final RangeReader reader;
    private final long fileLength;
    private final Map<Long, byte[]> blocks = new LinkedHashMap<>(KEPT_BLOCKS, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
            return size() > KEPT_BLOCKS;
        }
    };

    MetadataReader(RangeReader reader, long fileLength) {
        this.reader = reader;
        this.fileLength = fileLength;
    }

    /** Big-endian, as all of qcow2; the bytes lie inside the file. */
    ByteBuffer read(long offset, int length) {
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
        return ByteBuffer.wrap(bytes);
    }

    private byte[] block(long number) {
        byte[] known = blocks.get(number);
        if (known != null) {
            return known;
        }
        long from = number * BLOCK;
        byte[] block = new byte[(int) Math.min(BLOCK, fileLength - from)];
        reader.start(from, from + block.length);
        reader.readFully(ByteBuffer.wrap(block));
        blocks.put(number, block);
        return block;
    }
}
