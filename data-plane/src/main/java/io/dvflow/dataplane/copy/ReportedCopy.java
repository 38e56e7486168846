package io.dvflow.dataplane.copy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.stop.StopSignal;

/** A copy with someone beside it who reports how far it is, and makes durable what is done, also when it fails. */
public final class ReportedCopy {

    private final ProgressMeter meter;
    private final Durability durability;
    private final StopSignal stop;

    /** @param stop goes up when reporting or flushing fails */
    public ReportedCopy(ProgressMeter meter, Durability durability, StopSignal stop) {
        this.meter = meter;
        this.durability = durability;
        this.stop = stop;
    }

    public void run(Runnable copy) {
        run(copy, () -> {});
    }

    /** @param beside called several times a second */
    public void run(Runnable copy, Runnable beside) {
        meter.report();
        Ticker ticker = Ticker.start(stop, () -> {
            meter.tick();
            durability.tick();
            beside.run();
        });
        try (ticker) {
            copy.run();
        } catch (RuntimeException e) {
            RuntimeException cause = ticker.cause(e);
            if (cause instanceof TransferFailure failure && failure.isMismatch()) {
                // What has been written is wrong, and the digest that a mark goes on from is that of wrong bytes.
                durability.forgetEverything();
            } else {
                saveWhatIsDone(cause);
            }
            throw cause;
        }
        durability.checkpoint();
        meter.report();
    }

    private void saveWhatIsDone(RuntimeException cause) {
        try {
            durability.checkpoint();
        } catch (TransferFailure e) {
            // What stopped the copy is the news; that the last part of it is not durable follows from it.
            cause.addSuppressed(e);
        }
    }
}
