package io.dvflow.dataplane.copy;

import io.dvflow.transfer.ResumeMap.ByteRange;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What of the disk is in its place. Safe for use by many threads. */
public final class Ledger {

    /** Workers finish nearly in order, so there are few; a report must stay small whatever the image looks like. */
    private static final int MOST_REPORTED_RANGES = 256;

    private final FinishedRanges finished = new FinishedRanges();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong unflushed = new AtomicLong();

    /** @param earlier ranges that an earlier attempt made durable */
    public Ledger(List<ByteRange> earlier) {
        earlier.forEach(range -> finished.add(range.offset(), range.length()));
    }

    FinishedRanges finished() {
        return finished;
    }

    /** The range holds the image's bytes now. */
    void written(long guest, long length) {
        finished.add(guest, length);
        unflushed.addAndGet(length);
    }

    /** The range reads as zeros now, without a write. */
    void skipped(long guest, long length) {
        skipped.addAndGet(length);
        written(guest, length);
    }

    public long doneBytes() {
        return finished.bytes();
    }

    public long skippedBytes() {
        return skipped.get();
    }

    /** Bytes finished since {@link #beginFlush}. */
    long unflushedBytes() {
        return unflushed.get();
    }

    /** What will be durable once everything written before this call has been flushed. */
    List<ByteRange> beginFlush() {
        unflushed.set(0);
        return finished.snapshot(MOST_REPORTED_RANGES);
    }
}
