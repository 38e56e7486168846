package io.dvflow.dataplane.source.nbd;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Waits between tries, longer each time, and gives up after several in a row in which nothing was read. */
final class NbdPatience {

    /** Less than this between two failures is no progress. */
    private static final long PROGRESS_BYTES = 64 << 10;

    private final HttpSettings settings;
    private final StopSignal stop;
    private final Reporter reporter;
    private final LongSupplier fetchedBytes;
    private int failures;
    private long bytesAtLastReset;

    /** @param fetchedBytes grows while the transfer gets on */
    NbdPatience(HttpSettings settings, StopSignal stop, Reporter reporter, LongSupplier fetchedBytes) {
        this.settings = settings;
        this.stop = stop;
        this.reporter = reporter;
        this.fetchedBytes = fetchedBytes;
        this.bytesAtLastReset = fetchedBytes.getAsLong();
    }

    /**
     * Waits before the next try.
     *
     * @param doing what failed, as the beginning of a sentence
     * @throws TransferFailure when there is none
     */
    void afterFailure(String doing, IOException e, NbdEndpoint endpoint) {
        stop.check();
        long now = fetchedBytes.getAsLong();
        if (now - bytesAtLastReset >= PROGRESS_BYTES) {
            failures = 0;
            bytesAtLastReset = now;
        }
        failures++;
        String what = doing + ": " + e.getMessage();
        if (failures >= settings.triesWithoutProgress()) {
            throw new TransferFailure(
                    e instanceof NbdException ? FailureReason.SERVER_ERROR : FailureReason.CONNECTION_FAILED,
                    what + " (tried " + failures + " times without getting on)" + endpoint.lastWords(),
                    e);
        }
        Duration pause = pause();
        reporter.warning(what + "; trying again in " + pause.toMillis() / 1000.0 + " s");
        stop.pause(pause);
    }

    private Duration pause() {
        Duration doubled = settings.firstBackoff().multipliedBy(1L << Math.min(20, failures - 1));
        return doubled.compareTo(settings.longestBackoff()) < 0 ? doubled : settings.longestBackoff();
    }
}
