package io.dvflow.dataplane.source;

import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.ByteRate;
import java.time.Duration;
import java.util.function.Supplier;

/** How fast all connections of a transfer together may read; may change while they do. Safe for use by many threads. */
public final class RateLimit {

    /** No reason to wait longer for a limit that may have been raised meanwhile. */
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    /** One read takes at most a twentieth of a second's worth, so that a low rate is a steady one. */
    private static final int READS_PER_SECOND = 20;

    private static final int SMALLEST_READ = 4096;

    private final Supplier<ByteRate> rate;
    private final TokenBucket bucket = new TokenBucket(System.nanoTime());

    /** @param rate what holds at the moment of asking; asked often */
    public RateLimit(Supplier<ByteRate> rate) {
        this.rate = rate;
    }

    public static RateLimit none() {
        return new RateLimit(() -> ByteRate.UNLIMITED);
    }

    /** How many of the bytes that somebody wants to read may be read in one go. */
    public int most(int wanted) {
        ByteRate now = rate.get();
        return now.isUnlimited()
                ? wanted
                : (int) Math.min(wanted, Math.max(SMALLEST_READ, now.bytesPerSecond() / READS_PER_SECOND));
    }

    /**
     * Counts bytes that have been read; returns when more may be.
     *
     * @throws io.dvflow.dataplane.stop.TransferStopped if the signal goes up meanwhile
     */
    public void read(int bytes, StopSignal stop) {
        long wait = bucket.take(bytes, rate.get(), System.nanoTime());
        while (wait > 0) {
            Duration left = Duration.ofNanos(wait).plusMillis(1);
            stop.pause(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
            wait = bucket.remainingNanos(rate.get(), System.nanoTime());
        }
    }
}
