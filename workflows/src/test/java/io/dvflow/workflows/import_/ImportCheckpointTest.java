package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.client.WorkflowClient;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Stage after stage, and the wait for the next one. */
class ImportCheckpointTest {

    private static final Checkpoint FIRST = new Checkpoint("first", Optional.empty());
    private static final Checkpoint SECOND = new Checkpoint("second", Optional.of("first"));

    private ImportServer server;

    @BeforeEach
    void startServer() {
        server = new ImportServer();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Test
    void copiesOneCheckpointAfterTheOther() {
        server.fake.append(true, FIRST, SECOND);

        var result = server.start().run(ImportServer.FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls)
                .containsExactly(
                        "plan",
                        "prepare READY_TO_FILL",
                        "at first",
                        "transfer from 0",
                        "next after first",
                        "at second",
                        "transfer from 0",
                        "next after second",
                        "hand over",
                        "succeed");
    }

    @Test
    void waitsForTheNextCheckpointAndGoesOnWhenItIsAppended() {
        server.fake.append(false, FIRST);
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitWaitForACheckpoint(workflow);

        server.fake.append(false, SECOND);
        workflow.checkpointsChanged(4);
        server.awaitCall("next after second");
        server.awaitWaitForACheckpoint(workflow);
        server.fake.append(true);
        workflow.checkpointsChanged(5);

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls.stream().filter(call -> call.startsWith("at ")))
                .containsExactly("at first", "at second");
    }

    @Test
    void findsACheckpointEvenWhenNobodyTold() {
        server.fake.append(false, FIRST);
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitWaitForACheckpoint(workflow);

        server.fake.append(true, SECOND);
        server.temporal.sleep(Duration.ofMinutes(6));

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void knowsAGenerationOfCheckpointsOnlyOnce() {
        server.fake.append(false, FIRST);
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitWaitForACheckpoint(workflow);
        workflow.checkpointsChanged(4);

        assertThatThrownBy(() -> workflow.checkpointsChanged(4)).hasStackTraceContaining("is known already");

        workflow.cancel();
        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.CANCELLED);
    }
}
