package io.dvflow.dataplane.image.qcow2;

import io.dvflow.dataplane.image.ClusterDecoder;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Raw deflate, the JVM's own zlib. */
final class ZlibClusters implements ClusterDecoder {

    private final int clusterSize;
    private final Inflater inflater = new Inflater(true);

    ZlibClusters(int clusterSize) {
        this.clusterSize = clusterSize;
    }

    @Override
    public int clusterSize() {
        return clusterSize;
    }

    @Override
    public void decode(byte[] from, int offset, int length, byte[] into) {
        inflater.reset();
        inflater.setInput(from, offset, length);
        int done = 0;
        try {
            while (done < clusterSize) {
                int count = inflater.inflate(into, done, clusterSize - done);
                if (count == 0) {
                    throw Qcow2Header.corrupt(
                            "a compressed cluster holds " + done + " bytes in place of " + clusterSize);
                }
                done += count;
            }
        } catch (DataFormatException e) {
            throw Qcow2Header.corrupt("a compressed cluster cannot be decompressed: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        inflater.close();
    }
}
