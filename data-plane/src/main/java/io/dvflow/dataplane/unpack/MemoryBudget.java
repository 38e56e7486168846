package io.dvflow.dataplane.unpack;

import java.util.concurrent.Semaphore;

/** Memory outside the heap that several decoders share. Safe for use by many threads. */
final class MemoryBudget {

    private static final int UNIT = 1 << 20;

    private final Semaphore free;
    private final int units;

    MemoryBudget(long bytes) {
        this.units = Math.toIntExact(bytes / UNIT);
        this.free = new Semaphore(units, true);
    }

    Share share() {
        return new Share();
    }

    /** What one decoder has of it. */
    final class Share {
        private int held;

        /** Waits until there is as much; one that needs more than all of it gets all. What was reserved before is given back. */
        void reserve(long bytes) {
            int wanted = (int) Math.min(units, Math.ceilDiv(bytes, UNIT));
            if (wanted > held) {
                release();
                free.acquireUninterruptibly(wanted);
                held = wanted;
            }
        }

        void release() {
            free.release(held);
            held = 0;
        }
    }
}
