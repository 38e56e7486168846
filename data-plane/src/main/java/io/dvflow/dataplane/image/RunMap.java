package io.dvflow.dataplane.image;

/** What the tables of an image say, entry by entry. */
public interface RunMap {

    /**
     * The run that starts at that byte of the virtual disk and is as long as one entry tells, not past the disk's end.
     * Asked for in ascending order without gaps.
     */
    Run at(long guest);
}
