package io.dvflow.activities;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dvflow.workflows.OperationDataConverter;
import io.temporal.activity.ActivityOptions;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Runs activities as Temporal would: through payloads, with heartbeats. */
public final class Activities {

    private Activities() {}

    public static TestActivityEnvironment environment() {
        return TestActivityEnvironment.newInstance(TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(OperationDataConverter.create())
                        .build())
                .build());
    }

    public static <T> T of(TestActivityEnvironment environment, Class<T> type, Object implementation) {
        environment.registerActivitiesImplementations(implementation);
        return environment.newActivityStub(
                type,
                ActivityOptions.newBuilder()
                        .setStartToCloseTimeout(Duration.ofMinutes(1))
                        // Sent as often as a test wants to see them.
                        .setHeartbeatTimeout(Duration.ofSeconds(1))
                        .build());
    }

    public static ApplicationFailure failureOf(ThrowingCallable activity) {
        ActivityFailure failure = catchThrowableOfType(ActivityFailure.class, activity);
        return (ApplicationFailure) failure.getCause();
    }
}
