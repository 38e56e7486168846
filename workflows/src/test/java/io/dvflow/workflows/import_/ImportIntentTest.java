package io.dvflow.workflows.import_;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.workflows.Intent;
import io.dvflow.workflows.finish.Outcome;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.CanceledFailure;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people ask for while an import goes on. */
class ImportIntentTest {

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
    void pauseStopsTheTransferAndResumeGoesOnFromWhatIsDurable() throws Exception {
        server.fake.holdTransfer.set(true);
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitHeldTransfer();

        workflow.pause();
        server.awaitCall("stop PAUSED");
        assertThat(workflow.state().paused()).isTrue();
        assertThatThrownBy(workflow::pause).isInstanceOf(WorkflowUpdateException.class);
        server.fake.holdTransfer.set(false);
        workflow.resume();

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls)
                .containsSubsequence("transfer from 0", "transfer ended early", "stop PAUSED", "transfer from 100");
    }

    @Test
    void annotationsPauseFromTheStart() {
        server.fake.intent = new Intent(7, true, false, Optional.empty());
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitCall("stop PAUSED");
        assertThat(server.fake.calls).doesNotContain("prepare READY_TO_FILL");

        workflow.intent(new Intent(8, false, false, Optional.empty()));

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
    }

    @Test
    void cancellingByAnnotationRemovesWhatWasMadeAndSaysSo() throws Exception {
        server.fake.holdTransfer.set(true);
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitHeldTransfer();

        workflow.intent(new Intent(5, false, true, Optional.empty()));

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.CANCELLED);
        assertThat(server.fake.calls).endsWith("transfer ended early", "abandon CANCELLED: Cancelled on request");
    }

    @Test
    void nothingIsRemovedBeforeTheTransferIsKnownToHaveEnded() throws Exception {
        server.fake.holdTransfer.set(true);
        server.fake.slowToEnd = true;
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitHeldTransfer();

        WorkflowStub.fromTyped(workflow).cancel();
        server.temporal.sleep(Duration.ofMillis(500));
        assertThat(server.fake.calls).noneMatch(call -> call.startsWith("abandon"));
        server.fake.mayEnd.countDown();

        assertThatThrownBy(() -> ImportServer.resultOf(workflow))
                .isInstanceOf(WorkflowFailedException.class)
                .hasCauseInstanceOf(CanceledFailure.class);
        assertThat(server.fake.calls).endsWith("transfer ended early", "abandon CANCELLED: The workflow was cancelled");
    }

    @Test
    void theRateChangesWhileTheTransferGoesOn() throws Exception {
        server.fake.holdTransfer.set(true);
        server.fake.intent = new Intent(4, false, false, Optional.empty(), Optional.of("10Mi"));
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitHeldTransfer();

        workflow.intent(new Intent(5, false, false, Optional.empty(), Optional.of("50Mi")));
        server.awaitCall("limit rate to what the object says");
        workflow.setRateLimit("5Mi");
        server.awaitCall("limit rate to 5Mi");
        assertThatThrownBy(() -> workflow.setRateLimit("slow"))
                .isInstanceOf(WorkflowUpdateException.class)
                .hasStackTraceContaining("expected a quantity such as 50Mi");
        server.fake.holdTransfer.set(false);

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls)
                .doesNotContain("transfer ended early")
                .filteredOn(call -> call.startsWith("limit"))
                .hasSize(2);
    }

    @Test
    void anIntentThatLeavesTheRateAsItIsDoesNotTouchIt() throws Exception {
        server.fake.holdTransfer.set(true);
        server.fake.intent = new Intent(4, false, false, Optional.empty(), Optional.of("10Mi"));
        var workflow = server.start();
        WorkflowClient.start(workflow::run, ImportServer.FEDORA);
        server.awaitHeldTransfer();

        workflow.intent(new Intent(5, true, false, Optional.empty(), Optional.of("10Mi")));
        server.awaitCall("stop PAUSED");
        server.fake.holdTransfer.set(false);
        workflow.intent(new Intent(6, false, false, Optional.empty(), Optional.of("10Mi")));

        assertThat(ImportServer.resultOf(workflow).outcome()).isEqualTo(Outcome.SUCCEEDED);
        assertThat(server.fake.calls).noneMatch(call -> call.startsWith("limit"));
    }
}
