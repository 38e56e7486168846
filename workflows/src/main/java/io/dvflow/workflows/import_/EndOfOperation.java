package io.dvflow.workflows.import_;

import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;

/** How a failure that no retry of the activity could mend ends the operation. */
record EndOfOperation(Outcome outcome, String message) {

    static EndOfOperation of(ActivityFailure failure) {
        if (!(failure.getCause() instanceof ApplicationFailure cause)) {
            throw failure;
        }
        return switch (cause.getType()) {
            case FailureTypes.FINAL -> new EndOfOperation(Outcome.FAILED, cause.getOriginalMessage());
            case FailureTypes.GAVE_UP -> new EndOfOperation(Outcome.GAVE_UP, cause.getOriginalMessage());
            case FailureTypes.OBJECT_GONE -> new EndOfOperation(Outcome.OBJECT_GONE, cause.getOriginalMessage());
            default -> throw failure;
        };
    }

    static boolean isFinal(ActivityFailure failure) {
        return failure.getCause() instanceof ApplicationFailure cause
                && switch (cause.getType()) {
                    case FailureTypes.FINAL, FailureTypes.GAVE_UP, FailureTypes.OBJECT_GONE -> true;
                    default -> false;
                };
    }
}
