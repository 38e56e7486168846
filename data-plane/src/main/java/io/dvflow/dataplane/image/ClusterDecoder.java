package io.dvflow.dataplane.image;

/** Decompresses one cluster at a time. Not safe for use by many threads. */
public interface ClusterDecoder extends AutoCloseable {

    /** Bytes that no cluster decompresses to more of. */
    int clusterSize();

    /**
     * Decompresses the cluster of a run.
     *
     * @param from holds, from {@code offset} on, the {@link Run.Compressed#hostLength()} bytes of the run; what follows
     *     the compressed cluster is ignored
     * @param into room for {@link #clusterSize()} bytes, of which at least the run's length are written
     */
    void decode(Run.Compressed run, byte[] from, int offset, byte[] into);

    @Override
    void close();
}
