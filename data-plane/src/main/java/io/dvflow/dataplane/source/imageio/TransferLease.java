package io.dvflow.dataplane.source.imageio;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.imageio.EngineApi.Gone;
import io.dvflow.dataplane.source.imageio.EngineApi.Locked;
import io.dvflow.dataplane.source.imageio.ImageTransfer.State;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.FailureReason;
import java.util.Optional;

/**
 * Gets hold of a disk, and gets hold of it again: creates an image transfer, takes up one that an earlier pod left behind,
 * and has a lost ticket made anew while the engine's lock on the disk still holds. Belongs to one thread at a time.
 */
final class TransferLease {

    private final EngineApi engine;
    private final Subject subject;
    private final ImageIoTimings timings;
    private final StopSignal stop;
    private final Reporter reporter;
    private Optional<String> held = Optional.empty();

    TransferLease(EngineApi engine, Subject subject, ImageIoTimings timings, StopSignal stop, Reporter reporter) {
        this.engine = engine;
        this.subject = subject;
        this.timings = timings;
        this.stop = stop;
        this.reporter = reporter;
    }

    /** ID of the transfer that has to be ended, also when {@link #take} has failed after it was made. */
    Optional<String> held() {
        return held;
    }

    /**
     * A transfer that is ready to be read.
     *
     * @param earlier ID of the transfer of an earlier pod; as long as that lives, nobody else can have the disk
     */
    ImageTransfer take(Optional<String> earlier) {
        Optional<ImageTransfer> adopted = earlier.flatMap(this::adopt);
        if (adopted.isPresent()) {
            reporter.info("Taking up image transfer " + adopted.get().id() + " of an earlier attempt");
            return adopted.get();
        }
        return untilReady(create());
    }

    /**
     * After a ticket was refused: another one for the same transfer.
     *
     * @return empty if the engine has ended the transfer, and with it the lock on the disk
     */
    Optional<ImageTransfer> renew(ImageTransfer lost) {
        try {
            ImageTransfer now = engine.transfer(lost.id());
            if (now.state() == State.READY) {
                // The host has forgotten the ticket, the engine has not: pausing and resuming makes it anew.
                engine.act(lost.id(), "pause");
                now = untilSettled(engine.transfer(lost.id()));
            }
            return Optional.of(now).filter(each -> each.state() != State.OVER).map(this::untilReady);
        } catch (Gone e) {
            // It is over, and the engine has already forgotten it.
            return Optional.empty();
        }
    }

    private Optional<ImageTransfer> adopt(String id) {
        try {
            ImageTransfer transfer = engine.transfer(id);
            boolean same = transfer.subject().equals(Optional.of(subject.id()));
            if (!same || transfer.state() == State.OVER) {
                return Optional.empty();
            }
            held = Optional.of(id);
            return Optional.of(untilReady(transfer));
        } catch (Gone e) {
            // The usual case: it has ended with its pod, or a minute later.
            return Optional.empty();
        }
    }

    private ImageTransfer create() {
        for (int tries = 1; ; tries++) {
            try {
                ImageTransfer created = engine.create(subject.kind(), subject.id(), subject.shallow());
                held = Optional.of(created.id());
                return created;
            } catch (Gone e) {
                throw new TransferFailure(
                        FailureReason.NOT_FOUND,
                        "Unable to process data: the engine has no " + subject.kind() + " " + subject.id()
                                + " to transfer",
                        e);
            } catch (Locked e) {
                String locked = "Unable to process data: " + subject.kind() + " " + subject.id()
                        + " is locked by another task of oVirt" + e.getMessage();
                if (tries >= timings.triesWhileLocked()) {
                    throw new TransferFailure(FailureReason.SOURCE_BUSY, locked + "; tried " + tries + " times", e);
                }
                reporter.warning(
                        locked + "; trying again in " + timings.whileLocked().toMillis() / 1000.0 + " s");
                stop.pause(timings.whileLocked());
            }
        }
    }

    private ImageTransfer untilReady(ImageTransfer begun) {
        ImageTransfer transfer = begun;
        for (int looks = 0; looks < timings.looks(); looks++) {
            switch (transfer.state()) {
                case READY -> {
                    return transfer;
                }
                case OVER -> throw ended(transfer);
                case PAUSED -> engine.act(transfer.id(), "resume");
                case STARTING -> stop.pause(timings.phase());
            }
            transfer = engine.transfer(transfer.id());
        }
        throw ended(transfer);
    }

    private ImageTransfer untilSettled(ImageTransfer pausing) {
        ImageTransfer transfer = pausing;
        for (int looks = 0; transfer.state() == State.READY && looks < timings.looks(); looks++) {
            stop.pause(timings.phase());
            transfer = engine.transfer(transfer.id());
        }
        return transfer;
    }

    private static TransferFailure ended(ImageTransfer transfer) {
        return new TransferFailure(
                FailureReason.SERVER_ERROR,
                "Unable to process data: image transfer " + transfer.id() + " is in phase " + transfer.phase()
                        + ", expected it to become transferring. The events of the engine say why");
    }
}
