package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.workflows.OperationDataConverter;
import io.dvflow.workflows.cleanup.CleanUpWorkflowImpl;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every history that a release left behind still runs on today's code. A failure here means that somebody's running
 * import would break on upgrade: put the change behind {@code Workflow.getVersion}. How fixtures are made stands at
 * {@link ImportOnRealTemporalTest}.
 */
class ReplayTest {

    private static final Path HISTORIES = Path.of("src/test/resources/histories");

    @ParameterizedTest
    @MethodSource("fixtures")
    void runsOnTodaysCode(Path fixture) {
        assertThatCode(() -> replay(fixture, ImportWorkflowImpl.class, CleanUpWorkflowImpl.class))
                .doesNotThrowAnyException();
    }

    @Test
    void noFixtureIsLost() throws IOException {
        int expected = Integer.parseInt(
                Files.readString(HISTORIES.resolve("expected-count.txt")).strip());

        assertThat(fixtures()).hasSize(expected);
    }

    @Test
    void aChangeOfStepsWithoutVersioningIsCaught() throws IOException {
        for (Path fixture : fixturesBelow("import")) {
            assertThatThrownBy(() -> replay(fixture, StepsInAnotherOrder.class))
                    .as(fixture.toString())
                    .hasStackTraceContaining("NonDeterministicException");
        }
    }

    static List<Path> fixtures() throws IOException {
        return fixturesBelow("");
    }

    private static List<Path> fixturesBelow(String kind) throws IOException {
        try (var files = Files.walk(HISTORIES.resolve(kind))) {
            return files.filter(file -> file.toString().endsWith(".json.gz"))
                    .sorted()
                    .toList();
        }
    }

    private static void replay(Path fixture, Class<?>... implementations) throws Exception {
        String json;
        try (var in = new GZIPInputStream(Files.newInputStream(fixture))) {
            json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        var options = TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(WorkflowClientOptions.newBuilder()
                        .setDataConverter(OperationDataConverter.create())
                        .build())
                .build();
        try (var environment = TestWorkflowEnvironment.newInstance(options)) {
            Worker worker = environment.newWorker("replay");
            worker.registerWorkflowImplementationTypes(implementations);
            WorkflowReplayer.replayWorkflowExecution(WorkflowExecutionHistory.fromJson(json), worker);
        }
    }
}
