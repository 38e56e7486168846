package io.dvflow.dataplane.image.vmdk;

import io.dvflow.dataplane.image.DataArea;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.image.RunMap;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The grain directory and the grain tables. */
final class VmdkMap implements RunMap {

    private static final long ZEROED = 1;

    private final VmdkHeader header;
    private final MetadataReader file;
    private final DiskImage.Known known;
    private final DataArea area;

    private long tableStart = -1;
    /** Places of grains, in sectors of the file. */
    private long[] table;
    /** The same in ascending order, to see what comes behind a grain. */
    private long[] sorted;

    VmdkMap(VmdkHeader header, MetadataReader file, DiskImage.Known known) {
        this.header = header;
        this.file = file;
        this.known = known;
        this.area = new DataArea(VmdkHeader.REFUSAL, file.fileLength())
                .without(0, Math.max(header.overhead(), DiskImage.SECTOR), "tables")
                .without(header.directoryOffset(), header.directoryBytes(), "grain directory");
    }

    @Override
    public Run at(long guest) {
        long start = guest / header.tableSpan() * header.tableSpan();
        long end = Math.min(start + header.tableSpan(), header.virtualSize());
        if (tableStart != start && !openTable(start, end)) {
            return new Run.Zero(start, end - start);
        }
        long sector = table[(int) ((guest - start) / header.grainBytes())];
        long length = Math.min(header.grainBytes(), end - guest);
        if (sector == 0 || sector == ZEROED && header.zeroedGrains()) {
            return new Run.Zero(guest, length);
        }
        return header.compressed()
                ? compressed(guest, length, sector)
                : area.data(guest, length, sector * DiskImage.SECTOR);
    }

    /** Whether there is a table, and anybody wants to know what it says. */
    private boolean openTable(long start, long end) {
        if (known.covers(start, end - start)) {
            return false;
        }
        long index = start / header.tableSpan();
        long sector = Integer.toUnsignedLong(
                file.read(header.directoryOffset() + index * VmdkHeader.ENTRY_BYTES, VmdkHeader.ENTRY_BYTES)
                        .getInt(0));
        if (sector == 0) {
            return false;
        }
        int bytes = header.tableEntries() * VmdkHeader.ENTRY_BYTES;
        long offset = sector * DiskImage.SECTOR;
        if (!file.holds(offset, bytes)) {
            throw VmdkHeader.REFUSAL.corrupt("grain directory entry " + index + " points to a table at " + offset
                    + ", the file has " + file.fileLength() + " bytes. Is it cut short?");
        }
        table = entries(file.read(offset, bytes));
        sorted = table.clone();
        Arrays.sort(sorted);
        tableStart = start;
        return true;
    }

    private static long[] entries(ByteBuffer bytes) {
        long[] entries = new long[bytes.remaining() / VmdkHeader.ENTRY_BYTES];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = Integer.toUnsignedLong(bytes.getInt(i * VmdkHeader.ENTRY_BYTES));
        }
        return entries;
    }

    /**
     * Only the marker before a grain knows how long it is, and to ask it would take a request for each. The next grain of
     * the table tells where it ends at the latest, and there is an end to what compression can add.
     */
    private Run compressed(long guest, long length, long sector) {
        long host = sector * DiskImage.SECTOR;
        area.check(guest, GrainDecoder.MARKER_BYTES, host);
        int behind = Arrays.binarySearch(sorted, sector + 1);
        int next = behind < 0 ? -behind - 1 : behind;
        long end = next < sorted.length ? sorted[next] * DiskImage.SECTOR : file.fileLength();
        long most = GrainDecoder.mostBytes(header.grainBytes());
        long room = Math.min(Math.min(end, file.fileLength()) - host, most);
        return new Run.Compressed(guest, length, host, (int) room);
    }
}
