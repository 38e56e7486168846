package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.imageio.EngineApi.Gone;
import io.dvflow.dataplane.source.imageio.EngineApi.Locked;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.dataplane.stop.TransferStopped;
import java.time.Duration;
import java.util.function.Supplier;

/** Tells the engine every half minute that the disk is still being read, also while the target is slow to take it. */
final class TicketKeeper implements AutoCloseable {

    private final EngineApi engine;
    private final Supplier<String> transferId;
    private final Runnable smallRead;
    private final Reporter reporter;
    private final StopSignal ended;
    private final Thread thread;

    /**
     * @param transferId of the transfer that is read at the moment
     * @param smallRead reads a little if nothing was read of late; the engine looks at that as well
     * @param ended goes up with the transfer, and ends what the engine is being asked
     */
    TicketKeeper(
            EngineApi engine,
            Supplier<String> transferId,
            Runnable smallRead,
            Duration interval,
            StopSignal ended,
            Reporter reporter) {
        this.engine = engine;
        this.transferId = transferId;
        this.smallRead = smallRead;
        this.reporter = reporter;
        this.ended = ended;
        this.thread = Thread.ofPlatform().daemon().name("ticket").start(() -> keep(interval));
    }

    @Override
    public void close() {
        ended.raise();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep(Duration interval) {
        try {
            while (true) {
                ended.pause(interval);
                extend();
            }
        } catch (TransferStopped e) {
            // The transfer is over.
        }
    }

    private void extend() {
        try {
            engine.act(transferId.get(), "extend");
            smallRead.run();
        } catch (TransferFailure | Gone | Locked e) {
            ended.check();
            reporter.warning("Cannot extend the ticket of image transfer " + transferId.get() + ": " + e.getMessage());
        }
    }
}
