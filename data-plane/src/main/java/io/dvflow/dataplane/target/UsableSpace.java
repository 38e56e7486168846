package io.dvflow.dataplane.target;

/** How large a disk may become on a file system. */
final class UsableSpace {

    private static final long MIB = 1 << 20;

    private UsableSpace() {}

    /**
     * The requested size wherever it fits. The overhead is there for what a file system takes for itself, and once free
     * space is measured, that has been taken: to take it off again would make disks come out shorter than asked for.
     * Only a disk that does not fit is cut to what CDI calls usable.
     *
     * @param requestedBytes asked for, rounded up to a sector
     * @param availableBytes free for this user, with no earlier disk in the way
     * @param overhead share of the file system that is not for the disk
     */
    static long finishedSize(long requestedBytes, long availableBytes, double overhead) {
        long requested = Math.ceilDiv(requestedBytes, 512) * 512;
        return requested <= availableBytes ? requested : usable(availableBytes, overhead);
    }

    /** CDI's arithmetic: floor1MiB(ceil(available / (1 + overhead))). */
    static long usable(long availableBytes, double overhead) {
        return (long) Math.ceil(availableBytes / (1 + overhead)) / MIB * MIB;
    }
}
