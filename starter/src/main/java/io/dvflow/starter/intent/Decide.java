package io.dvflow.starter.intent;

import io.dvflow.api.ConditionTypes;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.starter.operation.Explanation;
import io.dvflow.starter.operation.Hints;
import io.dvflow.starter.operation.Operation;
import io.dvflow.starter.operation.Standing;
import io.dvflow.transfer.ByteRate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decides about a request from the object's state alone. */
final class Decide {
    private static final String TRUE = "true";

    private Decide() {}

    /** @param value for a retry one that no earlier retry had; for a rate how many bytes per second, or {@code 0} */
    static Decision about(Verb verb, Operation operation, Hints hints, String value) {
        if (operation.standing().isOver() || operation.standing() == Standing.DELETING) {
            return over(verb, operation, hints);
        }
        if (operation.cancelAsked()) {
            return verb == Verb.CANCEL
                    ? new Decision.AlreadySo("is being cancelled already.")
                    : new Decision.Refuse("Cannot " + verb.word() + " DataVolume " + operation
                            + ": it is being cancelled, which cannot be taken back. Create it anew to start over.");
        }
        return switch (verb) {
            case PAUSE -> pause(operation);
            case RESUME -> resume(operation, hints);
            case RETRY -> retry(operation, hints, value);
            case CANCEL -> cancel();
            case SET_RATE_LIMIT -> limitRate(ByteRate.parse(value));
        };
    }

    private static Decision over(Verb verb, Operation operation, Hints hints) {
        if (verb == Verb.CANCEL && operation.standing() == Standing.CANCELLED) {
            return new Decision.AlreadySo("was cancelled already.");
        }
        String phase = operation.phase() == DataVolumePhase.NEW
                ? "none"
                : operation.phase().wireName();
        return new Decision.Refuse("Cannot " + verb.word() + " DataVolume " + operation + ": it is "
                + operation.standing().words() + " (phase " + phase + "). "
                + Explanation.of(operation, hints).next());
    }

    private static Decision pause(Operation operation) {
        if (operation.pauseAsked()) {
            return new Decision.AlreadySo(
                    operation.showsPaused() ? "is paused already." : "is going to pause already.");
        }
        return new Decision.Write(
                Map.of(DvflowAnnotations.PAUSED, Optional.of(TRUE)),
                "rests at the next safe point; what was transferred is kept.",
                Operation::showsPaused);
    }

    private static Decision resume(Operation operation, Hints hints) {
        if (operation.pauseAsked()) {
            return new Decision.Write(
                    Map.of(DvflowAnnotations.PAUSED, Optional.empty()), "goes on.", now -> !now.showsPaused());
        }
        if (operation.showsPaused()) {
            Explanation explanation = Explanation.of(operation, hints);
            return new Decision.Refuse("Cannot resume DataVolume " + operation + ": nobody asked for its pause. "
                    + explanation.doing()
                    + explanation
                            .waitingFor()
                            .map(waitingFor -> " It waits for " + waitingFor)
                            .orElse(""));
        }
        return new Decision.AlreadySo("is not paused; nothing to resume.");
    }

    private static Decision retry(Operation operation, Hints hints, String token) {
        if (operation.pauseAsked()) {
            return new Decision.Refuse("Cannot retry DataVolume " + operation + ": it is paused. Let it go on with "
                    + hints.to("resume", operation) + "; that is a new attempt, too.");
        }
        List<Object> before = sign(operation);
        return new Decision.Write(
                Map.of(DvflowAnnotations.RETRY, Optional.of(token)),
                "tries again now instead of waiting.",
                now -> !sign(now).equals(before));
    }

    private static Decision cancel() {
        return new Decision.Write(
                Map.of(DvflowAnnotations.CANCELLED, Optional.of(TRUE)),
                "is given up for good; what it made is removed.",
                now -> now.outcome().isPresent());
    }

    private static Decision limitRate(ByteRate rate) {
        return rate.isUnlimited()
                ? new Decision.Write(
                        Map.of(DvflowAnnotations.RATE_LIMIT, Optional.empty()),
                        "reads as fast as its source sends.",
                        now -> true)
                : new Decision.Write(
                        Map.of(DvflowAnnotations.RATE_LIMIT, Optional.of(rate.toString())),
                        "reads at most " + rate + " bytes per second from now on.",
                        now -> true);
    }

    /** What a new attempt changes. */
    private static List<Object> sign(Operation operation) {
        return List.of(operation.phase(), operation.restarts(), operation.condition(ConditionTypes.RUNNING));
    }
}
