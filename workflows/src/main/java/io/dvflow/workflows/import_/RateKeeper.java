package io.dvflow.workflows.import_;

import io.dvflow.workflows.ActivityProfiles;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.transfer.RateChange;
import io.dvflow.workflows.transfer.TransferActivities;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.Workflow;

/** Passes on changes of the rate beside whatever else the workflow does; they never hold it up, and never end it. */
final class RateKeeper {

    private final TransferActivities limiting =
            Workflow.newActivityStub(TransferActivities.class, ActivityProfiles.shortStep("Limit the rate"));
    private final OperationRef object;
    private final Requests requests;

    RateKeeper(OperationRef object, Requests requests) {
        this.object = object;
        this.requests = requests;
    }

    void start() {
        Async.procedure(this::follow);
    }

    private void follow() {
        try {
            while (true) {
                Workflow.await(() -> !requests.rateChanges().isEmpty());
                pass(requests.rateChanges().removeFirst());
            }
        } catch (CanceledFailure e) {
            Workflow.getLogger(RateKeeper.class).debug("The operation ends, and what it reads with it: {}", object);
        }
    }

    private void pass(RateChange change) {
        try {
            limiting.limitRate(object, change);
        } catch (ActivityFailure e) {
            if (e.getCause() instanceof CanceledFailure cancelled) {
                throw cancelled;
            }
            Workflow.getLogger(RateKeeper.class).warn("The rate of {} stays as it was", object, e);
        }
    }
}
