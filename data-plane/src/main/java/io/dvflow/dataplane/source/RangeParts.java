package io.dvflow.dataplane.source;

import java.nio.ByteBuffer;

/** Parts of one range, each as a range of its own: ascending, and read to their ends. */
public final class RangeParts implements RangeReader {

    private final RangeReader whole;
    private long position;
    private long end;

    /** @param whole stays open; nothing else reads it meanwhile */
    public RangeParts(RangeReader whole, long from, long to) {
        this.whole = whole;
        this.position = from;
        this.end = from;
        whole.start(from, to);
    }

    @Override
    public void start(long from, long to) {
        if (position != end || from < position) {
            throw new IllegalStateException("A part from " + from + " on is asked for while the one to " + end
                    + " is being read, at " + position);
        }
        if (from > position) {
            whole.readFully(ByteBuffer.allocate((int) (from - position)));
        }
        position = from;
        end = to;
    }

    @Override
    public int read(ByteBuffer into) {
        if (position == end) {
            return -1;
        }
        int limit = into.limit();
        into.limit((int) Math.min(limit, into.position() + (end - position)));
        try {
            int got = whole.read(into);
            position += got;
            return got;
        } finally {
            into.limit(limit);
        }
    }

    @Override
    public void close() {
        // Whoever opened the whole goes on to use it.
    }
}
