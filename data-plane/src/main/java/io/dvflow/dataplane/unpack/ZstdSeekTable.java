package io.dvflow.dataplane.unpack;

import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The table at the end of a file in zstd's seekable format (contrib/seekable_format in its repository): a skippable frame
 * with the sizes of all frames.
 */
final class ZstdSeekTable {

    private static final int FOOTER = 9;
    private static final int HEADER = 8;
    private static final int SEEKABLE = 0x8f92eab1;
    private static final int SKIPPABLE = 0x184d2a5e;
    private static final int CHECKSUMS = 0x80;
    private static final int RESERVED = 0x7c;
    private static final int MOST_FRAMES = 200_000;
    /** Each has a checksum of its own if at all. */
    private static final XzCheck NONE = new XzCheck(0);

    private ZstdSeekTable() {}

    /** The frames in order; empty if there is no such table, or it does not fit the file. */
    static List<PackedBlock> read(RangeReader reader, long length) {
        if (length < HEADER + FOOTER) {
            return List.of();
        }
        ByteBuffer footer = bytes(reader, length - FOOTER, length);
        int frames = footer.getInt(0);
        int descriptor = footer.get(4);
        boolean usable =
                footer.getInt(5) == SEEKABLE && (descriptor & RESERVED) == 0 && frames > 0 && frames <= MOST_FRAMES;
        if (!usable) {
            return List.of();
        }
        int entryBytes = (descriptor & CHECKSUMS) != 0 ? 12 : 8;
        long tableStart = length - FOOTER - (long) frames * entryBytes - HEADER;
        if (tableStart < 0) {
            return List.of();
        }
        ByteBuffer table = bytes(reader, tableStart, length - FOOTER);
        boolean framed =
                table.getInt() == SKIPPABLE && Integer.toUnsignedLong(table.getInt()) == length - tableStart - HEADER;
        return framed ? frames(table, entryBytes, tableStart) : List.of();
    }

    private static List<PackedBlock> frames(ByteBuffer table, int entryBytes, long tableStart) {
        List<PackedBlock> frames = new ArrayList<>();
        long host = 0;
        long plain = 0;
        for (int at = HEADER; at < table.limit(); at += entryBytes) {
            long hostLength = Integer.toUnsignedLong(table.getInt(at));
            long length = Integer.toUnsignedLong(table.getInt(at + 4));
            frames.add(new PackedBlock(host, hostLength, plain, length, NONE));
            host += hostLength;
            plain += length;
        }
        return host == tableStart ? frames : List.of();
    }

    private static ByteBuffer bytes(RangeReader reader, long from, long to) {
        ByteBuffer bytes = ByteBuffer.allocate((int) (to - from)).order(ByteOrder.LITTLE_ENDIAN);
        reader.start(from, to);
        reader.readFully(bytes);
        return bytes.flip();
    }
}
