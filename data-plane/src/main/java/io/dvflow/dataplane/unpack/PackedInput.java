package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The packed bytes of a stream, in a buffer that native code can read, and where in the layer beneath they are from. */
final class PackedInput implements AutoCloseable {

    static final String KIND = "kind";
    private static final String AT = "at";
    private static final int BUFFER = 256 << 10;

    private final Packing packing;
    private final SequentialReader below;
    private final Arena arena;
    private final MemorySegment memory;
    private final ByteBuffer buffer;
    private Mark lastRefill;

    private PackedInput(Packing packing, SequentialReader below, Arena arena, int bufferBytes) {
        this.packing = packing;
        this.below = below;
        this.arena = arena;
        this.memory = arena.allocate(bufferBytes);
        this.buffer = memory.asByteBuffer().limit(0);
        this.lastRefill = below.mark();
    }

    /** For a reader that may be opened by one thread and read by another. */
    static PackedInput of(Packing packing, SequentialReader below) {
        return new PackedInput(packing, below, Arena.ofShared(), BUFFER);
    }

    /**
     * For one thread: to give shared memory back, all threads have to be asked, which takes longer than a small block.
     *
     * @param length bytes that will come
     */
    static PackedInput ofBlock(Packing packing, SequentialReader below, long length) {
        return new PackedInput(packing, below, Arena.ofConfined(), Math.clamp(length, 1, BUFFER));
    }

    /** Memory for as long as the input is open. */
    Arena arena() {
        return arena;
    }

    /** Where in the layer beneath the next byte is from. */
    long position() {
        return below.position() - buffer.remaining();
    }

    boolean isEmpty() {
        return !buffer.hasRemaining();
    }

    /**
     * Gets more bytes when all have been taken.
     *
     * @return false at the end
     */
    boolean refill() {
        // What is read ahead here must not be lost to whoever goes on from a mark.
        lastRefill = below.mark();
        buffer.clear();
        int got = below.read(buffer);
        buffer.flip();
        return got >= 0;
    }

    /** The bytes at hand, for native code; say with {@link #consumed} how many it took. */
    MemorySegment atHand() {
        return memory.asSlice(buffer.position(), buffer.remaining());
    }

    void consumed(long bytes) {
        buffer.position(buffer.position() + Math.toIntExact(bytes));
    }

    /** The next byte without taking it, or -1 at the end. */
    int peek() {
        return isEmpty() && !refill() ? -1 : Byte.toUnsignedInt(buffer.get(buffer.position()));
    }

    /** The next byte, which must be there. */
    int next() {
        int found = peek();
        if (found < 0) {
            throw truncated();
        }
        buffer.get();
        return found;
    }

    void next(byte[] into, int from) {
        for (int i = from; i < into.length; i++) {
            into[i] = (byte) next();
        }
    }

    /** A little-endian number of four bytes. */
    long nextUnsignedInt() {
        return next() | next() << 8 | next() << 16 | (long) next() << 24;
    }

    /** A mark for the place that has been reached here. */
    Mark mark(long unpacked, Map<String, String> state) {
        Map<String, String> all = new HashMap<>(state);
        all.put(KIND, packing.label());
        all.put(AT, Long.toString(position()));
        return new Mark(unpacked, all, Optional.of(lastRefill));
    }

    /** Goes to the place of such a mark, before anything has been read. */
    void skipTo(Mark mark) {
        below.skipTo(Long.parseLong(mark.state().get(AT)));
        lastRefill = below.mark();
    }

    UnpackingTrouble trouble() {
        return new UnpackingTrouble(packing);
    }

    TransferFailure truncated() {
        return trouble().truncated(position());
    }

    @Override
    public void close() {
        arena.close();
        below.close();
    }
}
