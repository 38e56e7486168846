package io.dvflow.dataplane.image.vmdk;

import io.dvflow.dataplane.image.ClusterDecoder;
import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Libdeflate;
import io.dvflow.dataplane.image.Run;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Grains of stream-optimized disks: a marker (sector of the disk, bytes that follow) and a zlib stream. */
final class GrainDecoder implements ClusterDecoder {

    static final int MARKER_BYTES = 12;

    private final int grainBytes;
    private final Optional<Libdeflate> libdeflate = Libdeflate.open(Libdeflate.Format.ZLIB);
    private final Inflater inflater = new Inflater();

    GrainDecoder(int grainBytes) {
        this.grainBytes = grainBytes;
    }

    /** With its marker; what does not get smaller by compression gets a little larger, nowhere twice as large. */
    static int mostBytes(int grainBytes) {
        return MARKER_BYTES + 2 * grainBytes;
    }

    @Override
    public int clusterSize() {
        return grainBytes;
    }

    @Override
    public void decode(Run.Compressed run, byte[] from, int offset, byte[] into) {
        ByteBuffer marker =
                ByteBuffer.wrap(from, offset, run.hostLength()).slice().order(ByteOrder.LITTLE_ENDIAN);
        long sector = marker.getLong(0);
        int length = marker.getInt(8);
        if (sector != run.guest() / DiskImage.SECTOR) {
            throw VmdkHeader.REFUSAL.corrupt("the grain for guest offset " + run.guest() + " lies at " + run.host()
                    + ", but the marker there says sector " + Long.toUnsignedString(sector));
        }
        if (length <= 0 || length > run.hostLength() - MARKER_BYTES) {
            throw VmdkHeader.REFUSAL.corrupt("the grain for guest offset " + run.guest() + " claims "
                    + Integer.toUnsignedString(length) + " compressed bytes, where there is room for "
                    + (run.hostLength() - MARKER_BYTES));
        }
        int count = decompress(run, from, offset + MARKER_BYTES, length, into);
        if (count < run.length()) {
            throw VmdkHeader.REFUSAL.corrupt("the grain for guest offset " + run.guest() + " holds " + count
                    + " bytes in place of " + run.length());
        }
    }

    @Override
    public void close() {
        libdeflate.ifPresent(Libdeflate::close);
        inflater.close();
    }

    private int decompress(Run.Compressed run, byte[] from, int offset, int length, byte[] into) {
        int count = libdeflate.isPresent() ? libdeflate.get().decompress(from, offset, length, into, grainBytes) : -1;
        return count < 0 ? inflate(run, from, offset, length, into) : count;
    }

    /** The last grain may hold less than a whole one, none may hold more, and each has its check sum. */
    private int inflate(Run.Compressed run, byte[] from, int offset, int length, byte[] into) {
        inflater.reset();
        inflater.setInput(from, offset, length);
        byte[] excess = new byte[1];
        try {
            int count = 0;
            int step = -1;
            while (step != 0 && count < grainBytes) {
                step = inflater.inflate(into, count, grainBytes - count);
                count += step;
            }
            if (inflater.inflate(excess) != 0 || !inflater.finished()) {
                throw VmdkHeader.REFUSAL.corrupt("the grain for guest offset " + run.guest() + " does not end after "
                        + grainBytes + " bytes, or is cut short");
            }
            return count;
        } catch (DataFormatException e) {
            throw VmdkHeader.REFUSAL.corrupt(
                    "the grain for guest offset " + run.guest() + " cannot be decompressed: " + e.getMessage());
        }
    }
}
