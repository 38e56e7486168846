package io.dvflow.dataplane.unpack;

import io.dvflow.transfer.Mark;
import java.lang.foreign.MemorySegment;

/** The work of one packing, over its {@link PackedInput}. Not safe for use by many threads. */
interface Decoder extends AutoCloseable {

    /**
     * Unpacks at least one byte, and at most what there is room for.
     *
     * @param into outside the heap, not empty
     * @return the number of bytes, or -1 at the end, which is proved
     */
    int decode(MemorySegment into);

    /** The newest place from which another decoder can go on. */
    Mark mark();

    @Override
    void close();
}
