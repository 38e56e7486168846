package io.dvflow.dataplane.image.qcow;

import io.dvflow.dataplane.image.DataArea;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.image.RunMap;
import java.nio.ByteBuffer;

/** The L1 and L2 tables. */
final class QcowMap implements RunMap {

    private final QcowHeader header;
    private final MetadataReader file;
    private final DiskImage.Known known;
    private final DataArea area;

    private ByteBuffer l2Table;
    private long l2TableStart = -1;

    QcowMap(QcowHeader header, MetadataReader file, DiskImage.Known known) {
        this.header = header;
        this.file = file;
        this.known = known;
        this.area = new DataArea(QcowHeader.REFUSAL, file.fileLength())
                .without(0, QcowHeader.BYTES, "header")
                .without(header.l1Offset(), header.l1Bytes(), "L1 table");
    }

    @Override
    public Run at(long guest) {
        long start = guest / header.l2Span() * header.l2Span();
        long end = Math.min(start + header.l2Span(), header.virtualSize());
        if (l2TableStart != start && !openL2Table(start, end)) {
            return new Run.Zero(start, end - start);
        }
        long entry = l2Table.getLong((int) ((guest - start) >>> header.clusterBits()) * QcowHeader.ENTRY_BYTES);
        long length = Math.min(header.clusterSize(), end - guest);
        if (entry == 0) {
            return new Run.Zero(guest, length);
        }
        return entry < 0 ? compressed(entry, guest, length) : data(entry, guest, length);
    }

    /** Whether there is a table, and anybody wants to know what it says. */
    private boolean openL2Table(long start, long end) {
        if (known.covers(start, end - start)) {
            return false;
        }
        long index = start / header.l2Span();
        long offset = file.read(header.l1Offset() + index * QcowHeader.ENTRY_BYTES, QcowHeader.ENTRY_BYTES)
                .getLong(0);
        if (offset == 0) {
            return false;
        }
        if (!file.holds(offset, header.l2Bytes())) {
            throw QcowHeader.REFUSAL.corrupt("L1 entry " + index + " points to a table at "
                    + Long.toUnsignedString(offset) + ", the file has " + file.fileLength()
                    + " bytes. Is it cut short?");
        }
        l2Table = file.read(offset, header.l2Bytes());
        l2TableStart = start;
        return true;
    }

    private Run data(long host, long guest, long length) {
        if (host % DiskImage.SECTOR != 0) {
            throw QcowHeader.REFUSAL.corrupt(
                    "the data for guest offset " + guest + " lies at " + host + ", where no sector begins");
        }
        return area.data(guest, length, host);
    }

    /** The top bit says that it is compressed, the next {@code clusterBits} how many bytes it has. */
    private Run compressed(long entry, long guest, long length) {
        int offsetBits = 63 - header.clusterBits();
        long host = entry & ((1L << offsetBits) - 1);
        int hostLength = (int) (entry >>> offsetBits) & (header.clusterSize() - 1);
        if (hostLength == 0) {
            throw QcowHeader.REFUSAL.corrupt("the compressed cluster for guest offset " + guest + " has no bytes");
        }
        area.check(guest, hostLength, host);
        return new Run.Compressed(guest, length, host, hostLength);
    }
}
