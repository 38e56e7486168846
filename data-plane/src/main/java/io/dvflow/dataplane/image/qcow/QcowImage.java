package io.dvflow.dataplane.image.qcow;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DeflateClusters;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.JoinedRuns;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteOrder;
import java.util.Iterator;

/** An image of version 1 of qcow, the one before qcow2. */
public final class QcowImage implements DiskImage {

    private final QcowHeader header;
    private final MetadataReader file;

    private QcowImage(QcowHeader header, MetadataReader file) {
        this.header = header;
        this.file = file;
    }

    /**
     * @param first the beginning of the file
     * @param tables used for as long as runs are read; whoever opened it closes it
     */
    public static QcowImage open(byte[] first, long fileLength, RangeReader tables) {
        MetadataReader file = new MetadataReader(tables, first, fileLength, ByteOrder.BIG_ENDIAN);
        return new QcowImage(QcowHeader.parse(file), file);
    }

    /** Size of the disk in an image that begins so, however long its file may be. */
    public static long virtualSize(byte[] first) {
        return QcowHeader.parse(MetadataReader.ofBeginning(first, ByteOrder.BIG_ENDIAN))
                .virtualSize();
    }

    @Override
    public String format() {
        return "qcow";
    }

    @Override
    public long virtualSize() {
        return header.virtualSize();
    }

    @Override
    public long granularity() {
        return header.clusterSize();
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return new JoinedRuns(header.virtualSize(), new QcowMap(header, file, known));
    }

    @Override
    public ClusterDecoder newDecoder() {
        return new DeflateClusters(header.clusterSize(), QcowHeader.REFUSAL);
    }
}
