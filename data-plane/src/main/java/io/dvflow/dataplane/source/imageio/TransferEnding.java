package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.imageio.EngineApi.Gone;
import io.dvflow.dataplane.source.imageio.EngineApi.Locked;
import io.dvflow.dataplane.source.imageio.ImageTransfer.State;
import io.dvflow.dataplane.stop.StopSignal;

/** Ends image transfers, so that the disk is unlocked at once and not when the engine notices. */
final class TransferEnding {

    private static final int TRIES = 10;

    private final EngineApi engine;
    private final ImageIoTimings timings;
    private final Reporter reporter;
    /** Of its own: the transfer has been told to stop, and this is how it stops. */
    private final StopSignal unhurried = new StopSignal();

    /** @param engine reached by connections that outlive the transfer's */
    TransferEnding(EngineApi engine, ImageIoTimings timings, Reporter reporter) {
        this.engine = engine;
        this.timings = timings;
        this.reporter = reporter;
    }

    /** @param action {@code finalize} or {@code cancel} */
    void end(String transferId, String action) {
        String trouble = "it did not end";
        for (int tries = 0; tries < TRIES; tries++) {
            try {
                State state = engine.transfer(transferId).state();
                if (state == State.OVER) {
                    return;
                }
                // Only what runs can be finished; anything else can only be given up.
                engine.act(transferId, state == State.READY ? action : "cancel");
            } catch (Gone e) {
                return;
            } catch (TransferFailure | Locked e) {
                trouble = e.getMessage();
            }
            unhurried.pause(timings.cleanUp());
        }
        reporter.warning("Cannot end image transfer " + transferId + " (" + trouble
                + "); oVirt keeps the disk locked until it has noticed that nobody reads it, about "
                + EngineApi.INACTIVITY_SECONDS + " s");
    }
}
