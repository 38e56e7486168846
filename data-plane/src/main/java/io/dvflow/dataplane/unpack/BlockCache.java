package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RangeReader;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.stop.TransferStopped;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A few blocks, unpacked. Safe for use by many threads. */
final class BlockCache implements AutoCloseable {

    private static final int MOST_PLACES = 16;
    /** An image for which all blocks are unpacked more often is read with too many jumps for this. */
    private static final int MOST_ROUNDS = 4;

    private final PackedBlocks blocks;
    private final Arena arena = Arena.ofShared();
    private final List<Place> places = new ArrayList<>();
    private long clock;
    private long unpacked;

    BlockCache(PackedBlocks blocks) {
        this.blocks = blocks;
        long count = Math.clamp(UnpackingLimits.CACHE_MEMORY / Math.max(1, blocks.largest()), 2, MOST_PLACES);
        for (int i = 0; i < count; i++) {
            places.add(new Place(arena.allocate(blocks.largest()).asByteBuffer()));
        }
    }

    /** Room for one block. */
    private static final class Place {
        private final ByteBuffer bytes;
        private int number = -1;
        private boolean ready;
        private int users;
        private long lastUse;

        Place(ByteBuffer bytes) {
            this.bytes = bytes;
        }
    }

    /**
     * Copies bytes out of a block, which is unpacked first if it is not there.
     *
     * @param from place within the block; the block has at least a byte there
     * @param packed a connection of the caller's
     */
    void copy(int number, long from, ByteBuffer into, Supplier<RangeReader> packed) {
        Place place = use(number, packed);
        try {
            int count = (int) Math.min(into.remaining(), place.bytes.limit() - from);
            into.put(into.position(), place.bytes, (int) from, count);
            into.position(into.position() + count);
        } finally {
            release(place);
        }
    }

    /** Unpacks a block if it is not there and there is room that nobody uses. */
    void prepare(int number, Supplier<RangeReader> packed) {
        Optional<Place> place = claimIfFree(number);
        if (place.isPresent()) {
            fill(place.get(), packed);
            release(place.get());
        }
    }

    @Override
    public void close() {
        arena.close();
    }

    private Place use(int number, Supplier<RangeReader> packed) {
        try {
            Place place = claim(number);
            if (!place.ready) {
                fill(place, packed);
            }
            return place;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferStopped();
        }
    }

    /** The place of the block: ready, or to be filled by the caller. */
    private synchronized Place claim(int number) throws InterruptedException {
        while (true) {
            Optional<Place> known = find(number);
            if (known.isPresent() && known.get().ready) {
                return inUse(known.get());
            }
            if (known.isEmpty()) {
                Optional<Place> free = oldestFree();
                if (free.isPresent()) {
                    return toBeFilled(free.get(), number);
                }
            }
            wait();
        }
    }

    private synchronized Optional<Place> claimIfFree(int number) {
        return find(number).isPresent() ? Optional.empty() : oldestFree().map(place -> toBeFilled(place, number));
    }

    private Optional<Place> find(int number) {
        return places.stream().filter(place -> place.number == number).findFirst();
    }

    private Optional<Place> oldestFree() {
        return places.stream().filter(place -> place.users == 0).min(Comparator.comparingLong(place -> place.lastUse));
    }

    private Place inUse(Place place) {
        place.users++;
        place.lastUse = ++clock;
        return place;
    }

    private Place toBeFilled(Place place, int number) {
        place.number = number;
        place.ready = false;
        unpacked += blocks.list().get(number).length();
        if (unpacked / MOST_ROUNDS > blocks.length() + places.size() * blocks.largest()) {
            place.number = -1;
            throw TransferFailure.scratchRequired(
                    "Scratch space required and none found: the image jumps to and fro in its packed source so much that "
                            + unpacked + " bytes have been unpacked for it, of " + blocks.length(),
                    blocks.length());
        }
        return inUse(place);
    }

    private void fill(Place place, Supplier<RangeReader> packed) {
        boolean whole = false;
        try {
            PackedBlock block = blocks.list().get(place.number);
            place.bytes.clear().limit((int) block.length());
            try (SequentialReader reader = blocks.unpack(block, packed.get())) {
                while (place.bytes.hasRemaining()) {
                    reader.read(place.bytes);
                }
                readEnd(reader);
            }
            place.bytes.flip();
            whole = true;
        } finally {
            filled(place, whole);
        }
    }

    /** A block counts only once its check is right, which is seen at its end. */
    private static void readEnd(SequentialReader reader) {
        ByteBuffer nothing = ByteBuffer.allocate(1);
        if (reader.read(nothing) >= 0) {
            throw new IllegalStateException("A block of known length goes on behind its end");
        }
    }

    private synchronized void filled(Place place, boolean whole) {
        place.ready = whole;
        if (!whole) {
            place.number = -1;
            place.users = 0;
        }
        notifyAll();
    }

    private synchronized void release(Place place) {
        place.users--;
        notifyAll();
    }
}
