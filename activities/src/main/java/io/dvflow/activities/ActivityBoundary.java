package io.dvflow.activities;

import io.dvflow.activities.kubernetes.Conflict;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.OperationRef;
import io.temporal.activity.Activity;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Where activities meet Temporal: names the operation in every log line, and turns {@link Trouble} into a failure. */
public final class ActivityBoundary {

    private static final Logger LOG = LoggerFactory.getLogger(ActivityBoundary.class);

    private ActivityBoundary() {}

    /**
     * Runs an activity.
     *
     * @param onTrouble shows on the object what is wrong, before Temporal is told
     */
    public static <T> T run(String doing, OperationRef object, Consumer<Trouble> onTrouble, Supplier<T> activity) {
        try (var _ = MDC.putCloseable("namespace", object.namespace());
                var _ = MDC.putCloseable("name", object.name());
                var _ = MDC.putCloseable("uid", object.uid())) {
            try {
                return activity.get();
            } catch (Conflict e) {
                throw failed(doing, object, onTrouble, e.asTrouble());
            } catch (Trouble e) {
                throw failed(doing, object, onTrouble, e);
            }
        }
    }

    private static ApplicationFailure failed(
            String doing, OperationRef object, Consumer<Trouble> onTrouble, Trouble trouble) {
        try {
            onTrouble.accept(trouble);
        } catch (Trouble | Conflict e) {
            trouble.addSuppressed(e);
        }
        if (isNoFailure(trouble)) {
            LOG.info("{} of {}: {}", doing, object, trouble.getMessage());
        } else {
            LOG.warn("{} of {}: {} ({})", doing, object, trouble.getMessage(), trouble.kind());
        }
        return failureOf(trouble, Activity.getExecutionContext().getInfo().getAttempt());
    }

    static ApplicationFailure failureOf(Trouble trouble, int attempt) {
        int failures = trouble.failures() > 0 ? trouble.failures() : attempt;
        Optional<Duration> delay = RetryDelays.after(trouble.kind(), failures, trouble.retryAfter());
        ApplicationFailure.Builder failure = ApplicationFailure.newBuilder()
                .setType(typeOf(trouble.kind()))
                .setMessage(trouble.getMessage())
                .setDetails(detailsOf(trouble))
                .setNonRetryable(delay.isEmpty());
        delay.ifPresent(failure::setNextRetryDelay);
        if (isNoFailure(trouble)) {
            failure.setCategory(ApplicationErrorCategory.BENIGN);
        }
        return failure.build();
    }

    private static boolean isNoFailure(Trouble trouble) {
        return trouble.kind() == Trouble.Kind.WAITING || trouble.kind() == Trouble.Kind.SCRATCH_REQUIRED;
    }

    private static Object[] detailsOf(Trouble trouble) {
        return trouble.kind() == Trouble.Kind.SCRATCH_REQUIRED
                ? new Object[] {trouble.reason(), trouble.scratchBytes()}
                : new Object[] {trouble.reason()};
    }

    private static String typeOf(Trouble.Kind kind) {
        return switch (kind) {
            case TRANSIENT -> FailureTypes.TRANSIENT;
            case NEEDS_CHANGE -> FailureTypes.NEEDS_CHANGE;
            case WAITING -> FailureTypes.WAITING;
            case FINAL -> FailureTypes.FINAL;
            case GAVE_UP -> FailureTypes.GAVE_UP;
            case OBJECT_GONE -> FailureTypes.OBJECT_GONE;
            case SCRATCH_REQUIRED -> FailureTypes.SCRATCH_REQUIRED;
        };
    }
}
