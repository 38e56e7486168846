package io.dvflow.dataplane.unpack;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.transfer.Mark;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * gzip (RFC 1952), one member after the other. It can be taken up between any two blocks of its deflate data: the window
 * of the last 32 KiB is kept in the mark, as in zlib's examples/zran.c. The checksum of a member that was taken up in its
 * middle is put together from its parts.
 */
final class GzipDecoder implements Decoder {

    private static final int HEADER_CRC = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int RESERVED = 0xe0;

    private static final String WINDOW = "window";
    private static final String BITS = "bits";
    private static final String VALUE = "value";
    private static final String CRC = "crc";
    private static final String LENGTH = "length";

    private final PackedInput input;
    private final MarkDistance distance;
    private final Zlib zlib;
    private final CRC32 crcOfPart = new CRC32();
    /** Of the member, up to where this decoder took it up. */
    private long earlierCrc;

    private long earlierLength;
    private long partLength;
    private boolean inMember;
    private boolean first = true;
    private int lastByte;
    private long position;
    private Mark mark = Mark.at(0);
    private long markedPacked;

    GzipDecoder(PackedInput input, Optional<Mark> from, MarkDistance distance) {
        this.input = input;
        this.distance = distance;
        this.zlib = new Zlib(input.arena());
        from.ifPresent(this::goOnFrom);
        markedPacked = input.position();
    }

    @Override
    public int decode(MemorySegment into) {
        while (true) {
            if (!inMember && !nextMember()) {
                return -1;
            }
            int got = inflate(into);
            if (got > 0) {
                return got;
            }
        }
    }

    @Override
    public Mark mark() {
        return mark;
    }

    @Override
    public void close() {
        zlib.close();
    }

    private int inflate(MemorySegment into) {
        if (input.isEmpty() && !input.refill()) {
            throw input.truncated();
        }
        MemorySegment from = input.atHand();
        int result = zlib.inflate(from, into, isMarkDue());
        int taken = (int) from.byteSize() - zlib.inputLeft();
        int got = (int) into.byteSize() - zlib.roomLeft();
        if (taken > 0) {
            lastByte = Byte.toUnsignedInt(from.get(JAVA_BYTE, taken - 1));
        }
        input.consumed(taken);
        count(into, got);
        switch (result) {
            case Zlib.OK, Zlib.BUF_ERROR -> markIfDue();
            case Zlib.STREAM_END -> endMember();
            default -> throw input.trouble().corrupt("its deflate data makes no sense before byte " + input.position());
        }
        return got;
    }

    private void count(MemorySegment into, int got) {
        crcOfPart.update(into.asSlice(0, got).asByteBuffer());
        partLength += got;
        position += got;
    }

    /** @return false at the end of the stream */
    private boolean nextMember() {
        if (!first && onlyZerosFollow()) {
            return false;
        }
        if (input.next() != 0x1f || input.next() != 0x8b) {
            throw input.trouble()
                    .corrupt("what follows its first " + (input.position() - 1)
                            + " bytes is not gzip. Remove what was appended to it, or pack it again");
        }
        first = false;
        skipHeader();
        beginMember();
        return true;
    }

    /** Tapes and some file systems fill up the last block. */
    private boolean onlyZerosFollow() {
        while (input.peek() == 0) {
            input.next();
        }
        return input.peek() < 0;
    }

    private void skipHeader() {
        int method = input.next();
        int flags = input.next();
        if (method != 8 || (flags & RESERVED) != 0) {
            throw input.trouble().corrupt("its header claims method " + method + " and flags " + flags);
        }
        // Time, extra flags, system.
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(input.next() | input.next() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(2);
        }
    }

    private void skip(int bytes) {
        for (int i = 0; i < bytes; i++) {
            input.next();
        }
    }

    private void skipText() {
        while (input.next() != 0) {
            // Names and comments mean nothing here.
        }
    }

    private void beginMember() {
        inMember = true;
        zlib.reset();
        crcOfPart.reset();
        partLength = 0;
        earlierCrc = 0;
        earlierLength = 0;
    }

    private void endMember() {
        long crc = input.nextUnsignedInt();
        long length = input.nextUnsignedInt();
        long found = crc();
        if (crc != found) {
            throw input.trouble().corrupt("its data has CRC %08x, its trailer says %08x".formatted(found, crc));
        }
        if (length != (length() & 0xffff_ffffL)) {
            throw input.trouble()
                    .corrupt("it holds " + length() + " bytes, its trailer says " + length + " (modulo 2^32)");
        }
        inMember = false;
        setMark(Map.of());
    }

    private long crc() {
        return zlib.combine(earlierCrc, crcOfPart.getValue(), partLength);
    }

    private long length() {
        return earlierLength + partLength;
    }

    private boolean isMarkDue() {
        return input.position() - markedPacked >= distance.source() || position - mark.position() >= distance.stream();
    }

    private void markIfDue() {
        if (!isMarkDue() || !zlib.isBetweenBlocks()) {
            return;
        }
        int bits = zlib.unusedBits();
        Map<String, String> state = new HashMap<>();
        state.put(WINDOW, pack(zlib.window()));
        state.put(BITS, Integer.toString(bits));
        state.put(VALUE, Integer.toString(lastByte >> (8 - bits)));
        state.put(CRC, Long.toString(crc()));
        state.put(LENGTH, Long.toString(length()));
        setMark(state);
    }

    private void setMark(Map<String, String> state) {
        mark = input.mark(position, state);
        markedPacked = input.position();
    }

    private void goOnFrom(Mark from) {
        mark = from;
        position = from.position();
        first = false;
        Map<String, String> state = from.state();
        if (!state.containsKey(WINDOW)) {
            return;
        }
        inMember = true;
        zlib.goOn(Integer.parseInt(state.get(BITS)), Integer.parseInt(state.get(VALUE)), unpack(state.get(WINDOW)));
        earlierCrc = Long.parseLong(state.get(CRC));
        earlierLength = Long.parseLong(state.get(LENGTH));
    }

    private static String pack(byte[] window) {
        try (Deflater deflater = new Deflater(Deflater.BEST_SPEED)) {
            deflater.setInput(window);
            deflater.finish();
            // Deflate makes the worst of input larger by five bytes in 16 KiB, and its frame takes six.
            byte[] packed = new byte[window.length + 64];
            int length = deflater.deflate(packed);
            return Base64.getEncoder().withoutPadding().encodeToString(Arrays.copyOf(packed, length));
        }
    }

    private static byte[] unpack(String packed) {
        byte[] window = new byte[Zlib.WINDOW];
        try (Inflater inflater = new Inflater()) {
            inflater.setInput(Base64.getDecoder().decode(packed));
            return Arrays.copyOf(window, inflater.inflate(window));
        } catch (DataFormatException e) {
            throw new IllegalStateException("The window in the mark of a gzip stream cannot be read", e);
        }
    }
}
