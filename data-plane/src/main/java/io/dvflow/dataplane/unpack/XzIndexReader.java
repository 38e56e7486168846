package io.dvflow.dataplane.unpack;

import java.util.zip.CRC32;

/** Reads the index at the end of an xz stream, number by number. */
final class XzIndexReader {

    private static final int MOST_DIGITS = 9;

    private final PackedInput input;
    private final CRC32 crc = new CRC32();
    private long bytes;

    private XzIndexReader(PackedInput input) {
        this.input = input;
    }

    /** Hears of each block: its size as the index counts it, and what it holds. */
    interface Records {
        void block(long unpadded, long plain);
    }

    /**
     * Takes an index, which comes next in the input, and holds it against the blocks that there were.
     *
     * @return its length in bytes
     */
    static long verify(PackedInput input, XzTotals seen) {
        XzTotals[] listed = {XzTotals.NONE};
        XzIndexReader reader = new XzIndexReader(input);
        long blocks = reader.records(seen.blocks(), (unpadded, plain) -> listed[0] = listed[0].plus(unpadded, plain));
        if (blocks != seen.blocks() || !listed[0].equals(seen)) {
            throw input.trouble()
                    .corrupt("its index lists other blocks than there are: " + blocks + ", found " + seen.blocks()
                            + ". Is a part of it missing?");
        }
        reader.end();
        return reader.bytes;
    }

    /**
     * Takes an index, which is all of the input.
     *
     * @param most more blocks than this are not looked at
     * @return their number
     */
    static long read(PackedInput input, long most, Records records) {
        XzIndexReader reader = new XzIndexReader(input);
        long blocks = reader.records(most, records);
        if (blocks <= most) {
            reader.end();
        }
        return blocks;
    }

    private long records(long most, Records records) {
        if (next() != 0) {
            throw input.trouble().corrupt("there is no index where it should be");
        }
        long blocks = number();
        for (long i = 0; i < blocks && blocks <= most; i++) {
            records.block(number(), number());
        }
        return blocks;
    }

    private void end() {
        while (bytes % 4 != 0) {
            if (next() != 0) {
                throw input.trouble().corrupt("its index is not padded with zeros");
            }
        }
        long found = crc.getValue();
        bytes += 4;
        if (input.nextUnsignedInt() != found) {
            throw input.trouble().corrupt("its index is not what its CRC says");
        }
    }

    /** Seven bits a byte, the lowest first; the eighth says that more follow. */
    private long number() {
        long value = 0;
        for (int i = 0; i < MOST_DIGITS; i++) {
            int digit = next();
            value |= (long) (digit & 0x7f) << (7 * i);
            if ((digit & 0x80) == 0) {
                return value;
            }
        }
        throw input.trouble().corrupt("its index holds a number that is too long");
    }

    private int next() {
        int found = input.next();
        crc.update(found);
        bytes++;
        return found;
    }
}
