package io.dvflow.dataplane.target;

import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The disk being written. Writing is safe for many threads as long as no two of them write the same 4 KiB. All failures
 * are {@link io.dvflow.dataplane.report.TransferFailure}s.
 */
public interface DiskTarget extends ResumableTarget {

    /** Writes that are to bypass the page cache lie on these boundaries, on disk and in memory. */
    int ALIGNMENT = 4096;

    /** Earlier work on a finished disk that is to be changed: it is there, and none of the change is. */
    ResumeMap NOTHING_YET = new ResumeMap(new SourcePin("", -1, Optional.empty(), Optional.empty()), List.of());

    /** Largest virtual disk that this target takes. */
    long limit();

    /** Size of the finished disk: {@link #limit()} or, on a device, all of it. */
    long finishedSize();

    /** Forgets all earlier content, and makes room for a disk of this size; if it is preallocated, for a finished one. */
    void startFresh(long virtualSize);

    /** Writes all remaining bytes. Fast where offset and memory are aligned. */
    void write(ByteBuffer data, long at);

    /** Makes the range read as zeros, whatever was there before. */
    void zero(long at, long length);

    /** Zeros inside data are left out of a write if they go on for so many bytes, a multiple of {@link #ALIGNMENT}. */
    int shortestHole();

    /** Grows the disk from the image's size to its own; what is new reads as zeros. */
    void resize(long virtualSize);

    /**
     * Makes sure that every byte has its place on the disk, if that is in the plan. Targets see to it before the first
     * write, so that a full volume is no surprise.
     */
    void preallocate();

    /** Makes the finished disk durable under its name, and removes what was only there for resuming. */
    void finish();
}
