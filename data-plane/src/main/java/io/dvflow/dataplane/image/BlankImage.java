package io.dvflow.dataplane.image;

import java.util.Iterator;
import java.util.List;

/** A disk of nothing but zeros. */
public record BlankImage(long virtualSize) implements DiskImage {

    @Override
    public String format() {
        return "blank";
    }

    @Override
    public long granularity() {
        return 1 << 20;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        return List.<Run>of(new Run.Zero(0, virtualSize)).iterator();
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A blank image has no compressed clusters");
    }
}
