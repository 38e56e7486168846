package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.ImageSource;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialRanges;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What a packed source holds, to be read in nearly the order of its bytes: blocks are unpacked when they are wanted, or one
 * ahead, and a few are kept.
 */
public final class BlockSource implements ImageSource {

    private final ImageSource packed;
    private final PackedBlocks blocks;
    private final BlockCache cache;
    private final ExecutorService ahead = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("unpack-ahead").factory());
    private final RangeReader aheadReader;
    private final Facts facts;

    private BlockSource(ImageSource packed, PackedBlocks blocks, Facts inside) {
        this.packed = packed;
        this.blocks = blocks;
        this.cache = new BlockCache(blocks);
        this.aheadReader = packed.ranges();
        this.facts = new Facts(
                inside.pin(), true, inside.firstBytes(), inside.contentType(), blocks.length(), blocks.length());
    }

    /**
     * Empty if the blocks are too large to be kept.
     *
     * @param packed closed by whoever opened it
     * @param inside what is known of the content already
     */
    public static Optional<BlockSource> of(ImageSource packed, PackedBlocks blocks, Facts inside) {
        return blocks.largest() <= UnpackingLimits.CACHE_MEMORY / 2
                ? Optional.of(new BlockSource(packed, blocks, inside))
                : Optional.empty();
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public RangeReader ranges() {
        return new Range();
    }

    /** Several that are at different places would have each other's blocks thrown out. */
    @Override
    public int mostReaders() {
        return 1;
    }

    @Override
    public SequentialReader inOrder(Optional<Mark> from) {
        return new SequentialRanges(ranges(), from.map(Mark::position).orElse(0L), facts.length());
    }

    @Override
    public long fetchedBytes() {
        return packed.fetchedBytes();
    }

    @Override
    public void close() {
        ahead.close();
        aheadReader.close();
        cache.close();
    }

    private void prepare(int number) {
        if (number < blocks.list().size() && !ahead.isShutdown()) {
            ahead.execute(() -> {
                try {
                    cache.prepare(number, () -> aheadReader);
                } catch (RuntimeException e) {
                    // Whoever wants the block meets the same, and says so.
                }
            });
        }
    }

    private final class Range implements RangeReader {
        private RangeReader connection;
        private long position;
        private long end;
        private int prepared = -1;

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
            int number = blocks.numberOf(position);
            if (prepared != number) {
                prepared = number;
                prepare(number + 1);
            }
            int limit = into.limit();
            int before = into.position();
            into.limit((int) Math.min(limit, before + (end - position)));
            try {
                cache.copy(number, position - blocks.list().get(number).start(), into, this::connection);
            } finally {
                into.limit(limit);
            }
            position += into.position() - before;
            return into.position() - before;
        }

        @Override
        public void close() {
            if (connection != null) {
                connection.close();
            }
        }

        private RangeReader connection() {
            if (connection == null) {
                connection = packed.ranges();
            }
            return connection;
        }
    }
}
