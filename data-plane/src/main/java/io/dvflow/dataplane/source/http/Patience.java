package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Waits between tries, longer each time, and knows when to give up: after several failures in a row in which no
 * connection of the transfer got on. So a server that lets only one connection in at a time starves none for ever, and
 * one that drops every connection after a while is read to the end.
 */
final class Patience {

    /** Less than this between two failures is no progress: such a server would keep us for weeks. */
    private static final long PROGRESS_BYTES = 64 << 10;

    private final HttpAccess access;
    private final LongSupplier fetchedBytes;
    private int failures;
    private long bytesAtLastReset;

    /** @param fetchedBytes grows while the transfer gets on */
    Patience(HttpAccess access, LongSupplier fetchedBytes) {
        this.access = access;
        this.fetchedBytes = fetchedBytes;
        this.bytesAtLastReset = fetchedBytes.getAsLong();
    }

    static Patience of(HttpContext context) {
        return new Patience(context.access, context.fetchedBytes::get);
    }

    /**
     * Returns when it is time for the next try.
     *
     * @param doing what failed, as the beginning of a sentence
     * @throws TransferFailure when there is none
     */
    void afterFailure(String doing, IOException e) {
        access.stop.check();
        long now = fetchedBytes.getAsLong();
        if (now - bytesAtLastReset >= PROGRESS_BYTES) {
            failures = 0;
            bytesAtLastReset = now;
        }
        failures++;
        Duration asked = e instanceof RetriableException r ? r.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
        HttpSettings settings = access.settings;
        boolean tooLong = asked.compareTo(settings.longestBackoff().multipliedBy(4)) > 0;
        if (tooLong || failures >= settings.triesWithoutProgress()) {
            throw failure(doing, e, asked);
        }
        Duration pause = longer(asked, backoff(settings));
        access.reporter.warning(doing + ": " + describe(e) + "; trying again in " + pause.toMillis() / 1000.0 + " s");
        access.stop.pause(pause);
    }

    private Duration backoff(HttpSettings settings) {
        Duration doubled = settings.firstBackoff().multipliedBy(1L << Math.min(20, failures - 1));
        return doubled.compareTo(settings.longestBackoff()) < 0 ? doubled : settings.longestBackoff();
    }

    private TransferFailure failure(String doing, IOException e, Duration asked) {
        FailureReason reason = e instanceof RetriableException r ? r.reason() : FailureReason.CONNECTION_FAILED;
        String tries = failures == 1 ? "" : " (tried " + failures + " times without getting on)";
        return new TransferFailure(
                reason,
                doing + ": " + describe(e) + tries,
                e,
                asked.isZero() ? Optional.empty() : Optional.of(asked.toSeconds()));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static String describe(IOException e) {
        if (e instanceof UnknownHostException) {
            return "no address is known for host " + e.getMessage();
        }
        return e instanceof RetriableException ? e.getMessage() : "HTTP request errored: " + e.getMessage();
    }
}
