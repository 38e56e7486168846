package io.dvflow.dataplane.image.qcow2;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DeflateClusters;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.JoinedRuns;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteOrder;
import java.util.Iterator;

/**
 * The active state of a qcow2 image, version 2 or 3. Its tables are read as the runs are asked for, so that memory
 * does not grow with the disk. Nothing in it is believed: offsets are checked against the length of the file.
 */
public final class Qcow2Image implements DiskImage {

    private final Qcow2Header header;
    private final MetadataReader metadata;

    private Qcow2Image(Qcow2Header header, MetadataReader metadata) {
        this.header = header;
        this.metadata = metadata;
    }

    /**
     * @param first the beginning of the file
     * @param tables used for as long as runs are read; whoever opened it closes it
     */
    public static Qcow2Image open(byte[] first, long fileLength, RangeReader tables) {
        return new Qcow2Image(
                Qcow2Header.parse(first, fileLength),
                new MetadataReader(tables, first, fileLength, ByteOrder.BIG_ENDIAN));
    }

    /** Size of the disk in an image that begins so, however long its file may be. */
    public static long virtualSize(byte[] first) {
        return Qcow2Header.parse(first, Long.MAX_VALUE).virtualSize();
    }

    @Override
    public String format() {
        return "qcow2";
    }

    @Override
    public long virtualSize() {
        return header.virtualSize();
    }

    @Override
    public long granularity() {
        return header.subclusterSize();
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return new JoinedRuns(header.virtualSize(), new Qcow2Map(header, metadata, known));
    }

    @Override
    public ClusterDecoder newDecoder() {
        return header.zstd()
                ? new ZstdClusters(header.clusterSize())
                : new DeflateClusters(header.clusterSize(), Qcow2Header.REFUSAL);
    }
}
