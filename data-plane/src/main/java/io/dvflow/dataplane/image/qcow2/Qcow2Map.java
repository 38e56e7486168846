package io.dvflow.dataplane.image.qcow2;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.image.RunMap;
import java.nio.ByteBuffer;

/** The L1 and L2 tables. */
final class Qcow2Map implements RunMap {

    private static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;
    private static final long COMPRESSED = 1L << 62;
    private static final long ZERO = 1;
    private static final int SUBCLUSTERS = 32;

    private final Qcow2Header header;
    private final MetadataReader metadata;
    private final long fileLength;
    private final DiskImage.Known known;

    private ByteBuffer l2Table;
    private long l2TableStart = -1;

    Qcow2Map(Qcow2Header header, MetadataReader metadata, DiskImage.Known known) {
        this.header = header;
        this.metadata = metadata;
        this.fileLength = metadata.fileLength();
        this.known = known;
    }

    @Override
    public Run at(long position) {
        long l2Start = position / header.l2Span() * header.l2Span();
        long l2End = Math.min(l2Start + header.l2Span(), header.virtualSize());
        if (l2TableStart != l2Start && !openL2Table(l2Start, l2End)) {
            return new Run.Zero(l2Start, l2End - l2Start);
        }
        int index = (int) ((position - l2Start) >>> header.clusterBits());
        long clusterStart = l2Start + ((long) index << header.clusterBits());
        long end = Math.min(clusterStart + header.clusterSize(), header.virtualSize());
        long entry = l2Table.getLong(index * header.l2EntryBytes());
        if (header.extendedL2()) {
            return subclusters(position, entry, l2Table.getLong(index * 16 + 8), clusterStart, end);
        }
        if ((entry & COMPRESSED) != 0) {
            return compressed(entry, clusterStart, end - clusterStart);
        }
        long host = entry & OFFSET_MASK;
        if ((entry & ZERO) != 0) {
            if (header.version() < 3) {
                throw Qcow2Header.corrupt("version 2 has no zero clusters, at guest offset " + clusterStart);
            }
            return new Run.Zero(clusterStart, end - clusterStart);
        }
        return host == 0
                ? new Run.Zero(clusterStart, end - clusterStart)
                : data(clusterStart, end - clusterStart, host, host);
    }

    /** Whether there is a table, and anybody wants to know what it says. */
    private boolean openL2Table(long start, long end) {
        if (known.covers(start, end - start)) {
            return false;
        }
        int index = (int) (start / header.l2Span());
        long offset = metadata.read(header.l1Offset() + 8L * index, 8).getLong(0) & OFFSET_MASK;
        if (offset == 0) {
            return false;
        }
        if (offset % header.clusterSize() != 0 || offset > fileLength - header.clusterSize()) {
            throw Qcow2Header.corrupt("L1 entry " + index + " points to a table at " + offset + ", the file has "
                    + fileLength + " bytes. Is it cut short?");
        }
        l2Table = metadata.read(offset, header.clusterSize());
        l2TableStart = start;
        return true;
    }

    private Run subclusters(long from, long entry, long bitmap, long clusterStart, long clusterEnd) {
        if ((entry & COMPRESSED) != 0) {
            if (bitmap != 0) {
                throw Qcow2Header.corrupt(
                        "the compressed cluster at guest offset " + clusterStart + " claims to have subclusters");
            }
            return compressed(entry, clusterStart, clusterEnd - clusterStart);
        }
        int size = header.subclusterSize();
        int index = (int) ((from - clusterStart) / size);
        boolean allocated = isAllocated(bitmap, index, clusterStart);
        int last = index;
        while (last + 1 < SUBCLUSTERS && isAllocated(bitmap, last + 1, clusterStart) == allocated) {
            last++;
        }
        long end = Math.min(clusterStart + (long) (last + 1) * size, clusterEnd);
        if (!allocated) {
            return new Run.Zero(from, end - from);
        }
        long host = entry & OFFSET_MASK;
        if (host == 0) {
            throw Qcow2Header.corrupt(
                    "the cluster at guest offset " + clusterStart + " has data but no place in the file");
        }
        return data(from, end - from, host + (from - clusterStart), host);
    }

    private static boolean isAllocated(long bitmap, int subcluster, long clusterStart) {
        boolean allocated = (bitmap >>> subcluster & 1) != 0;
        boolean zero = (bitmap >>> (subcluster + SUBCLUSTERS) & 1) != 0;
        if (allocated && zero) {
            throw Qcow2Header.corrupt("subcluster " + subcluster + " of the cluster at guest offset " + clusterStart
                    + " claims to be both data and zero");
        }
        return allocated;
    }

    private Run data(long guest, long length, long host, long cluster) {
        if (cluster % header.clusterSize() != 0) {
            throw Qcow2Header.corrupt("the cluster for guest offset " + guest + " lies at " + cluster
                    + ", which is no multiple of the cluster size " + header.clusterSize());
        }
        if (host > fileLength - length) {
            throw Qcow2Header.corrupt("the data for guest offset " + guest + " lies at " + host + " to "
                    + (host + length) + ", the file has " + fileLength + " bytes. Is it cut short?");
        }
        return new Run.Data(guest, length, host);
    }

    private Run compressed(long entry, long guest, long length) {
        int offsetBits = 62 - (header.clusterBits() - 8);
        long host = entry & ((1L << offsetBits) - 1);
        long sectors = (entry & ~(3L << 62)) >>> offsetBits;
        // The count is of 512-byte sectors beside the one that the data starts in, and may reach past the file's end.
        long hostLength = Math.min((sectors + 1) * 512 - (host & 511), fileLength - host);
        if (host == 0 || hostLength <= 0) {
            throw Qcow2Header.corrupt("the compressed cluster for guest offset " + guest + " lies at " + host
                    + ", the file has " + fileLength + " bytes. Is it cut short?");
        }
        return new Run.Compressed(guest, length, host, (int) hostLength);
    }
}
