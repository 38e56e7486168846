package io.dvflow.activities.transfer;

import io.dvflow.activities.ActivityBoundary;
import io.dvflow.activities.claim.ClaimStore;
import io.dvflow.activities.status.EventSink;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.Stages;
import io.dvflow.workflows.transfer.RateChange;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import java.time.Clock;
import java.util.Map;
import java.util.function.Supplier;

/** See {@link TransferActivities}. */
public final class TransferActivitiesImpl implements TransferActivities {

    private final Doors doors;
    private final Supplier<PodSettings> settings;
    private final TransferTimings timings;
    private final Clock clock;

    public TransferActivitiesImpl(Doors doors, Supplier<PodSettings> settings, TransferTimings timings, Clock clock) {
        this.doors = doors;
        this.settings = settings;
        this.timings = timings;
        this.clock = clock;
    }

    /** Everything that a transfer touches. */
    public record Doors(
            StatusWriter status, ClaimStore claims, TransferPods pods, EventSink events, TransferMeter meter) {}

    @Override
    public TransferReceipt transfer(OperationRef object, ImportPlan plan, TransferProgress earlier) {
        return ActivityBoundary.run(
                "Transferring the image",
                object,
                // The run itself shows what is wrong: it knows the pod and how often it has failed.
                trouble -> {},
                () -> new TransferRun(doors, settings, timings, clock, object, plan, earlier).toEnd());
    }

    @Override
    public Stages nextStage(OperationRef object, ImportPlan plan) {
        return ActivityBoundary.run(
                "Looking for the next checkpoint",
                object,
                trouble -> doors.status().showTrouble(object, trouble),
                () -> new CheckpointStages(doors, object, plan).next());
    }

    @Override
    public void limitRate(OperationRef object, RateChange change) {
        ActivityBoundary.run("Limiting the rate", object, trouble -> {}, () -> {
            DataVolume seen = doors.status().read(object);
            change.asked().ifPresent(rate -> doors.status().annotate(seen, Map.of(DvflowAnnotations.RATE_LIMIT, rate)));
            PodRate rate = new PodRate(doors);
            doors.pods().labelled(object.namespace(), object.uid()).stream()
                    .filter(PodReader::mayRun)
                    .forEach(pod -> rate.follow(object, pod));
            return seen;
        });
    }

    @Override
    public TransferProgress stop(OperationRef object, ImportPlan plan, TransferProgress earlier, StopReason reason) {
        return ActivityBoundary.run(
                "Stopping the transfer",
                object,
                trouble -> {},
                () -> new TransferStop(doors, object, plan, earlier).stop(reason));
    }
}
