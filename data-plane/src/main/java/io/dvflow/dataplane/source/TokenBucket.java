package io.dvflow.dataplane.source;

import io.dvflow.transfer.ByteRate;

/**
 * Who has taken more than has flowed in waits until it has. Bytes are counted when they have been read, so the bucket
 * may be overdrawn. Pure but for what it holds; safe for use by many threads.
 */
final class TokenBucket {

    private static final double NANOS = 1e9;
    /** What may be saved up: a tenth of a second's worth. */
    private static final double SAVED_SECONDS = 0.1;

    private double available;
    private long countedNanos;

    TokenBucket(long nowNanos) {
        this.countedNanos = nowNanos;
    }

    /** Takes bytes out, and says for how long nobody should take more; 0 if anybody may. */
    synchronized long take(long bytes, ByteRate rate, long nowNanos) {
        refill(rate, nowNanos);
        if (rate.isUnlimited()) {
            return 0;
        }
        available -= bytes;
        return nanosUntilPositive(rate);
    }

    /** For how long nobody should take anything. */
    synchronized long remainingNanos(ByteRate rate, long nowNanos) {
        refill(rate, nowNanos);
        return rate.isUnlimited() ? 0 : nanosUntilPositive(rate);
    }

    private void refill(ByteRate rate, long nowNanos) {
        double seconds = Math.max(0, nowNanos - countedNanos) / NANOS;
        countedNanos = nowNanos;
        available = rate.isUnlimited()
                ? 0
                : Math.min(rate.bytesPerSecond() * SAVED_SECONDS, available + rate.bytesPerSecond() * seconds);
    }

    private long nanosUntilPositive(ByteRate rate) {
        return available >= 0 ? 0 : (long) Math.ceil(-available / rate.bytesPerSecond() * NANOS);
    }
}
