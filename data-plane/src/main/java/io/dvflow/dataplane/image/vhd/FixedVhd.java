package io.dvflow.dataplane.image.vhd;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import java.util.Iterator;
import java.util.List;

/** A disk byte by byte with a footer behind it. */
record FixedVhd(long virtualSize) implements DiskImage {

    @Override
    public String format() {
        return VhdImage.FORMAT;
    }

    @Override
    public long granularity() {
        return 1 << 20;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return List.<Run>of(new Run.Data(0, virtualSize, 0)).iterator();
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A vhd image has no compressed clusters");
    }
}
