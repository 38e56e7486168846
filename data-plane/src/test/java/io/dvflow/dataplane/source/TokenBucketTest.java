package io.dvflow.dataplane.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dvflow.transfer.ByteRate;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {

    private static final long SECOND = 1_000_000_000L;
    private static final ByteRate MIB = new ByteRate(1 << 20);

    private long now = 42 * SECOND;
    private final TokenBucket bucket = new TokenBucket(now);

    @ParameterizedTest
    @ValueSource(longs = {1, 1000, 1 << 20, 50 << 20, 5L << 30})
    void overAMinuteTheRateIsTheRate(long bytesPerSecond) {
        ByteRate rate = new ByteRate(bytesPerSecond);
        var random = new Random(20261126);
        long start = now;
        double taken = 0;
        while (now - start < 60 * SECOND) {
            long bytes = 1 + random.nextLong(Math.max(1, bytesPerSecond / 20));
            taken += bytes;
            now += bucket.take(bytes, rate, now);
        }
        double seconds = (now - start) / (double) SECOND;

        assertThat(taken / seconds).isCloseTo(bytesPerSecond, within(bytesPerSecond * 0.01));
    }

    @Test
    void whatWasNotTakenIsSavedForATenthOfASecondOnly() {
        now += 3600 * SECOND;

        assertThat(bucket.take(MIB.bytesPerSecond() / 10, MIB, now)).isZero();
        assertThat(bucket.take(MIB.bytesPerSecond(), MIB, now)).isCloseTo(SECOND, within(1000L));
    }

    @Test
    void aChangedRateHoldsAtOnceAlsoForWhoWaits() {
        assertThat(bucket.take(10 * MIB.bytesPerSecond(), MIB, now)).isEqualTo(10 * SECOND);
        now += SECOND;

        assertThat(bucket.remainingNanos(MIB, now)).isEqualTo(9 * SECOND);
        assertThat(bucket.remainingNanos(new ByteRate(9 << 20), now)).isEqualTo(SECOND);
        assertThat(bucket.remainingNanos(ByteRate.UNLIMITED, now)).isZero();
        assertThat(bucket.remainingNanos(MIB, now)).as("debts are forgotten").isZero();
    }

    @Test
    void withoutALimitNobodyWaits() {
        assertThat(bucket.take(1L << 40, ByteRate.UNLIMITED, now)).isZero();
    }
}
