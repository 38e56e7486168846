package io.dvflow.bridge.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A token bucket: so many at once, then so many a second. */
public final class RateLimit {

    private final double perSecond;
    private final double burst;
    private final InstantSource clock;
    private double tokens;
    private Instant filledAt;

    public RateLimit(double perSecond, int burst, InstantSource clock) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.clock = clock;
        this.tokens = burst;
        this.filledAt = clock.instant();
    }

    /** Takes a token, if need be one of the future, and returns how long to wait for it. */
    public synchronized Duration reserve() {
        Instant now = clock.instant();
        double gained = Duration.between(filledAt, now).toNanos() / 1e9 * perSecond;
        tokens = Math.min(burst, tokens + Math.max(gained, 0)) - 1;
        filledAt = now;
        return tokens >= 0 ? Duration.ZERO : Duration.ofNanos(Math.round(-tokens / perSecond * 1e9));
    }
}
