package io.dvflow.dataplane.target;

import io.dvflow.transfer.ResumeMap;
import java.io.Closeable;
import java.util.Optional;

/** What a transfer writes to, and a later attempt may go on with. All failures are {@link io.dvflow.dataplane.report.TransferFailure}s. */
public interface ResumableTarget extends Closeable {

    /** What an earlier attempt left here that can be built upon; empty once all of it has been forgotten. */
    Optional<ResumeMap> earlierWork();

    /** Makes everything written so far survive a power failure. May be called while another thread writes. */
    void flush();

    /** Remembers, beside what was written if there is a place, what {@link #flush} has made durable. */
    void remember(ResumeMap durable);

    /** Removes the content: it has turned out to be wrong. */
    void discard();

    /** Bytes written by this attempt; what needed no writing, as a hole, does not count. */
    long writtenBytes();

    @Override
    void close();
}
