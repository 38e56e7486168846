package io.dvflow.dataplane.source.nbd;

/**
 * What the server says of its disk.
 *
 * @param size bytes
 * @param smallestBlock requests lie on multiples of this; a power of two
 * @param largestRead bytes of one request
 * @param takesManyConnections whether all connections see the same
 * @param structured whether replies come in chunks
 * @param allocationContext number of the context {@code base:allocation}, -1 if the server cannot tell where there is data
 */
record NbdExport(
        long size,
        int smallestBlock,
        int largestRead,
        boolean takesManyConnections,
        boolean structured,
        int allocationContext) {

    boolean tellsAllocation() {
        return structured && allocationContext != -1;
    }
}
