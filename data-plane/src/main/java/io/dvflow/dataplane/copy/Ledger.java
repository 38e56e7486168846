package io.dvflow.dataplane.copy;

import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.ResumeMap.ByteRange;
import io.dvflow.transfer.ResumeMap.SourcePin;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What of the disk is in its place. Safe for use by many threads. */
public final class Ledger implements Written {

    private final FinishedRanges finished = new FinishedRanges();
    private final AtomicLong skipped = new AtomicLong();
    private final AtomicLong unflushed = new AtomicLong();
    private volatile Optional<Mark> mark;

    /** @param earlier what an earlier attempt made durable, if there is anything to build on */
    public Ledger(Optional<ResumeMap> earlier) {
        earlier.ifPresent(map -> map.finished().forEach(range -> finished.add(range.offset(), range.length())));
        mark = earlier.flatMap(ResumeMap::stream);
    }

    /** Ranges that the disk holds already, and that nobody is to touch. */
    public void unchanged(List<ByteRange> ranges) {
        ranges.forEach(range -> finished.add(range.offset(), range.length()));
    }

    FinishedRanges finished() {
        return finished;
    }

    @Override
    public void written(long guest, long length) {
        finished.add(guest, length);
        unflushed.addAndGet(length);
    }

    @Override
    public void skipped(long guest, long length) {
        skipped.addAndGet(length);
        written(guest, length);
    }

    /** So many bytes of what has been written needed no write. */
    void withoutWrite(long bytes) {
        skipped.addAndGet(bytes);
    }

    /** The stream that fills the disk can be taken up at this mark; all that comes before it has been written. */
    public void canBeTakenUpAt(Mark place) {
        mark = Optional.of(place);
    }

    /** So many bytes of the source have been hashed, which needs no write; hashing can be taken up at this mark. */
    void hashed(long bytes, Mark place) {
        mark = Optional.of(place);
        unflushed.addAndGet(bytes);
    }

    /** Where the stream can be taken up, as far as is known. */
    public Optional<Mark> mark() {
        return mark;
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

    /** What will be durable, of this source, once everything written before this call has been flushed. */
    ResumeMap beginFlush(SourcePin source) {
        unflushed.set(0);
        // The mark first: what has been written when it is set has been written when the ranges are listed.
        Optional<Mark> place = mark;
        // Workers finish nearly in order, so the ranges that there is no room for are few and short.
        return new ResumeMap(source, finished.snapshot(ResumeMap.MOST_RANGES), place);
    }

    /** Nothing will be remembered of what is flushed now. */
    void beginFlush() {
        unflushed.set(0);
    }
}
