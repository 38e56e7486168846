package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.client.WorkflowClient;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scratch space is made when a transfer asks for it. */
class ImportScratchTest {

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
    void makesScratchSpaceWhenTheTransferAsksForItAndGoesOn() {
        server.fake.transferFailures.add(FakeSteps.needsScratch(5000));
        var workflow = server.start();

        var result = workflow.run(ImportServer.FEDORA);

        assertThat(result.outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls)
                .containsSubsequence(
                        "transfer from 0",
                        "prepare scratch of 5000",
                        "transfer from 0 in fedora-scratch",
                        "hand over",
                        "succeed");
        assertThat(workflow.state().scratchClaim()).contains("fedora-scratch");
    }

    @Test
    void scratchSpaceThatIsTooSmallIsDoubledAtLeast() {
        server.fake.transferFailures.add(FakeSteps.needsScratch(5000));
        server.fake.transferFailures.add(FakeSteps.needsScratch(5001));
        server.fake.transferFailures.add(FakeSteps.needsScratch(10_000));

        server.start().run(ImportServer.FEDORA);

        assertThat(server.fake.calls)
                .filteredOn(call -> call.startsWith("prepare scratch"))
                .as("the third was lost, not too small")
                .containsExactly("prepare scratch of 5000", "prepare scratch of 10000", "prepare scratch of 10000");
    }

    @Test
    void pausesAndCancelsWhileScratchSpaceIsRefused() {
        server.fake.transferFailures.add(FakeSteps.needsScratch(5000));
        server.fake.scratchFailures.add(ApplicationFailure.newBuilder()
                .setMessage("exceeded quota: small")
                .setType(FailureTypes.NEEDS_CHANGE)
                .setNextRetryDelay(Duration.ofHours(1))
                .build());
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitCall("prepare scratch of 5000");
        server.awaitBackOff();

        workflow.pause();
        server.awaitCall("stop PAUSED");
        assertThat(workflow.state().step()).isEqualTo(Step.SCRATCH);
        workflow.cancel();

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(server.fake.calls).endsWith("abandon CANCELLED: Cancelled on request");
    }
}
