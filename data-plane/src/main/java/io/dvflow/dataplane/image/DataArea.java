package io.dvflow.dataplane.image;

import java.util.ArrayList;
import java.util.List;

/**
 * Where in a file the data of an image may lie: inside it, clear of its tables, and no part of it twice. For formats in
 * which every block has a place of its own; belongs to one walk over the map.
 */
public final class DataArea {

    private record Table(long from, long to, String name) {
        long overlap(long otherFrom, long otherTo) {
            return Math.max(0, Math.min(to, otherTo) - Math.max(from, otherFrom));
        }
    }

    private final Refusal refusal;
    private final long fileLength;
    private final List<Table> tables = new ArrayList<>();
    private long room;

    public DataArea(Refusal refusal, long fileLength) {
        this.refusal = refusal;
        this.fileLength = fileLength;
        this.room = fileLength;
    }

    /** Takes the place of a table out of the area; it lies inside the file. */
    public DataArea without(long offset, long length, String name) {
        long end = offset + length;
        room -= length
                - tables.stream().mapToLong(table -> table.overlap(offset, end)).sum();
        tables.add(new Table(offset, end, name));
        return this;
    }

    /** Data for the virtual disk that lies at {@code host}, which may be any number. */
    public Run.Data data(long guest, long length, long host) {
        check(guest, length, host);
        // No list of what is taken, which would grow with the disk: what is named twice is soon more than there is.
        room -= length;
        if (room < 0) {
            throw refusal.corrupt(
                    "up to guest offset " + (guest + length) + " its map names more data than the file of " + fileLength
                            + " bytes has room for, so that some is named twice");
        }
        return new Run.Data(guest, length, host);
    }

    /** Throws unless the bytes from {@code host} on lie in the area. */
    public void check(long guest, long length, long host) {
        if (host < 0 || host > fileLength - length) {
            throw refusal.corrupt("the data for guest offset " + guest + " lies at " + Long.toUnsignedString(host)
                    + ", the file has " + fileLength + " bytes. Is it cut short?");
        }
        for (Table table : tables) {
            if (table.overlap(host, host + length) > 0) {
                throw refusal.corrupt("the data for guest offset " + guest + " lies at " + host
                        + ", in the place of its " + table.name);
            }
        }
    }
}
