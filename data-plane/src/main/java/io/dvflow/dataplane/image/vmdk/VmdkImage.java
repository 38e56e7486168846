package io.dvflow.dataplane.image.vmdk;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.JoinedRuns;
import io.dvflow.dataplane.image.MetadataReader;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.source.RangeReader;
import java.nio.ByteOrder;
import java.util.Iterator;

/** A VMware disk in one file: monolithicSparse, or streamOptimized as in an OVA. */
public final class VmdkImage implements DiskImage {

    private final VmdkHeader header;
    private final MetadataReader file;

    private VmdkImage(VmdkHeader header, MetadataReader file) {
        this.header = header;
        this.file = file;
    }

    /**
     * @param first the beginning of the file
     * @param tables used for as long as runs are read; whoever opened it closes it
     */
    public static VmdkImage open(byte[] first, long fileLength, RangeReader tables) {
        MetadataReader file = new MetadataReader(tables, first, fileLength, ByteOrder.LITTLE_ENDIAN);
        VmdkHeader header = VmdkHeader.parse(file);
        VmdkDescriptor.check(header, file);
        return new VmdkImage(header, file);
    }

    /** Size of the disk in an image that begins so, however long its file may be; 0 where that is only said at its end. */
    public static long virtualSize(byte[] first) {
        return VmdkHeader.virtualSizeAtBeginning(MetadataReader.ofBeginning(first, ByteOrder.LITTLE_ENDIAN));
    }

    @Override
    public String format() {
        return "vmdk";
    }

    @Override
    public long virtualSize() {
        return header.virtualSize();
    }

    @Override
    public long granularity() {
        return header.grainBytes();
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return new JoinedRuns(header.virtualSize(), new VmdkMap(header, file, known));
    }

    @Override
    public ClusterDecoder newDecoder() {
        return new GrainDecoder(header.grainBytes());
    }
}
