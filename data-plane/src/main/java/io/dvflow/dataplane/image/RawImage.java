package io.dvflow.dataplane.image;

import java.util.Iterator;
import java.util.List;

/**
 * A disk byte by byte.
 *
 * @param length bytes of the source; the last sector is filled up with zeros
 */
public record RawImage(long length) implements DiskImage {

    @Override
    public String format() {
        return "raw";
    }

    @Override
    public long virtualSize() {
        return Math.ceilDiv(length, SECTOR) * SECTOR;
    }

    @Override
    public long granularity() {
        return 1 << 20;
    }

    @Override
    public Iterator<Run> runs(Known known) {
        Run data = new Run.Data(0, length, 0);
        long padding = virtualSize() - length;
        return padding == 0
                ? List.of(data).iterator()
                : List.of(data, new Run.Zero(length, padding)).iterator();
    }

    @Override
    public ClusterDecoder newDecoder() {
        throw new UnsupportedOperationException("A raw image has no compressed clusters");
    }
}
