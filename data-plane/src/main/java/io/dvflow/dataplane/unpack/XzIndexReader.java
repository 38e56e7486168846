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

    /**
     * Takes an index, which comes next in the input, and holds it against the blocks that there were.
     *
     * @return its length in bytes
     */
    static long verify(PackedInput input, XzTotals seen) {
        XzIndexReader reader = new XzIndexReader(input);
        reader.next();
        XzTotals listed = XzTotals.NONE;
        long blocks = reader.number();
        while (listed.blocks() < blocks && listed.blocks() <= seen.blocks()) {
            listed = listed.plus(reader.number(), reader.number());
        }
        if (!listed.equals(seen)) {
            throw input.trouble()
                    .corrupt("its index lists other blocks than there are: " + blocks + ", found " + seen.blocks()
                            + ". Is a part of it missing?");
        }
        reader.end();
        return reader.bytes;
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
