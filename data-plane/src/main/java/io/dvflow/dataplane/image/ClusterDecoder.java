package io.dvflow.dataplane.image;

/** Decompresses one cluster at a time. Not safe for use by many threads. */
public interface ClusterDecoder extends AutoCloseable {

    /** Bytes that every cluster decompresses to. */
    int clusterSize();

    /**
     * Decompresses a cluster.
     *
     * @param from compressed bytes; what follows the compressed cluster is ignored
     * @param into room for {@link #clusterSize()} bytes, all of which are written
     */
    void decode(byte[] from, int offset, int length, byte[] into);

    @Override
    void close();
}
