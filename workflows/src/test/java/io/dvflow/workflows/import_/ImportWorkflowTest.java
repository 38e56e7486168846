package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.temporal.client.WorkflowClient;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The steps of an import, and how it ends. */
class ImportWorkflowTest {

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
    void fillsOutOfSightAndHandsOver() {
        var result = server.start().run(ImportServer.FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(result.message()).isEqualTo("Import Complete");
        assertThat(server.fake.calls)
                .containsExactly("plan", "prepare READY_TO_FILL", "transfer from 0", "hand over", "succeed");
        assertThat(server.historyLength()).isLessThanOrEqualTo(60);
    }

    @Test
    void fillsInPlaceWithoutHandingOver() {
        server.fake.path = ClaimPath.DIRECT;

        server.start().run(ImportServer.FEDORA);

        assertThat(server.fake.calls).doesNotContain("hand over").endsWith("succeed");
    }

    @Test
    void transfersNothingIntoAClaimThatHasItsContent() {
        server.fake.path = ClaimPath.ALREADY_POPULATED;

        var result = server.start().run(ImportServer.FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls).containsExactly("plan", "succeed");
    }

    @Test
    void waitsForAConsumerWithoutSpendingHistory() {
        server.fake.claimStates.addAll(List.of(ClaimState.AWAITS_CONSUMER, ClaimState.READY_TO_FILL));
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitStep(workflow, Step.CONSUMER);

        assertThat(workflow.state().waitingFor()).contains("a pod that uses claim fedora");
        workflow.consumerArrived("pod-1");

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls).startsWith("plan", "prepare AWAITS_CONSUMER", "prepare READY_TO_FILL");
    }

    @Test
    void findsAConsumerEvenWhenNobodyTold() {
        server.fake.claimStates.addAll(
                List.of(ClaimState.AWAITS_CONSUMER, ClaimState.AWAITS_CONSUMER, ClaimState.READY_TO_FILL));

        assertThat(server.start().run(ImportServer.FEDORA).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void whatNoRetryCanMendEndsAsFailed() {
        server.fake.transferFailures.add(
                ApplicationFailure.newNonRetryableFailure("checksum mismatch", FailureTypes.FINAL));

        var result = server.start().run(ImportServer.FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(server.fake.calls).endsWith("transfer from 0", "abandon FAILED: checksum mismatch");
    }

    @Test
    void aDeletedObjectEndsQuietly() {
        server.fake.planFailures.add(ApplicationFailure.newNonRetryableFailure("gone", FailureTypes.OBJECT_GONE));

        assertThat(server.start().run(ImportServer.FEDORA).outcome()).isEqualTo(Outcome.OBJECT_GONE);
        assertThat(server.fake.calls).containsExactly("plan", "abandon OBJECT_GONE: gone");
    }

    @Test
    void givesUpAtTheDeadlineThatTheUserSet() {
        server.fake.deadline = Optional.of(
                Instant.ofEpochMilli(server.temporal.currentTimeMillis()).plus(Duration.ofHours(1)));
        server.fake.claimStates.addAll(List.of(ClaimState.AWAITS_CONSUMER));
        for (int i = 0; i < 50; i++) {
            server.fake.claimStates.add(ClaimState.AWAITS_CONSUMER);
        }

        assertThat(server.start().run(ImportServer.FEDORA).outcome()).isEqualTo(Outcome.GAVE_UP);
        assertThat(server.fake.calls).last().asString().startsWith("abandon GAVE_UP: The deadline");
    }
}
