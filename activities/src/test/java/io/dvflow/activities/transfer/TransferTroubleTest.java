package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferProgress;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What kind of trouble it is, and what is done about it. */
class TransferTroubleTest {

    private final TransferRig rig = new TransferRig();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aPodThatCannotStartGivesItsSlotBackAndSaysWhy() {
        rig.restart(TransferRig.IMPATIENT);
        rig.pods.onCreate(kubelet -> kubelet.waiting("ImagePullBackOff", "back-off"));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.WAITING);
        assertThat(failure.getCategory()).isEqualTo(ApplicationErrorCategory.BENIGN);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(10));
        assertThat(rig.running().reason()).isEqualTo("ImagePullFailed");
        assertThat(rig.running().message()).isEqualTo("failed to pull image: transfer:1 (back-off)");
        assertThat(rig.objects.status().restartCount()).isZero();
        assertThat(rig.pods.current()).isPresent();
    }

    @Test
    void whatNeedsAChangeIsRetriedSlowlyAndLaterEachTime() {
        rig.objects.change(object -> object.setStatus(TransferRig.shownRestarts(3)));
        rig.pods.onCreate(kubelet ->
                kubelet.end(1, TransferRig.failed(ErrorClass.NEEDS_CHANGE, FailureReason.NOT_FOUND, "404 Not Found")));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(120));
        assertThat(failure.isNonRetryable()).isFalse();
        assertThat(rig.objects.status().restartCount()).isEqualTo(4);
    }

    @Test
    void aWrongChecksumIsFinal() {
        rig.pods.onCreate(kubelet -> kubelet.end(
                1, TransferRig.failed(ErrorClass.FINAL, FailureReason.CHECKSUM_MISMATCH, "checksum mismatch")));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.FINAL);
        assertThat(failure.isNonRetryable()).isTrue();
        assertThat(rig.running().reason()).isEqualTo("ChecksumError");
        assertThat(rig.claims.annotations("fedora")).containsEntry("cdi.kubevirt.io/storage.import.fatalError", "true");
    }

    @Test
    void aFinalFailureStaysFinalForAnAttemptThatComesLater() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.end(1, TransferRig.failed(ErrorClass.FINAL, FailureReason.CHECKSUM_MISMATCH, "checksum mismatch"));
        rig.objects.change(object -> object.setStatus(TransferRig.shownRestarts(1)));

        assertThat(rig.fails(TransferRig.PLAN, TransferProgress.NONE).getType()).isEqualTo(FailureTypes.FINAL);
    }

    @Test
    void theUsersCeilingOfAttemptsEndsIt() {
        ImportPlan two = Given.plan(ClaimPath.DIRECT, "Filesystem", Optional.of(2));
        rig.pods.onCreate(kubelet ->
                kubelet.end(1, TransferRig.failed(ErrorClass.TRANSIENT, FailureReason.CONNECTION_FAILED, "no route")));

        assertThat(rig.fails(two, TransferProgress.NONE).getType()).isEqualTo(FailureTypes.TRANSIENT);
        ApplicationFailure second = rig.fails(two, TransferProgress.NONE);

        assertThat(second.getType()).isEqualTo(FailureTypes.GAVE_UP);
        assertThat(second.isNonRetryable()).isTrue();
        assertThat(second.getMessage()).contains("2 attempts").contains("no route");
    }

    @Test
    void aContainerKilledForMemoryIsTransientAndNamesIt() {
        rig.pods.onCreate(kubelet -> kubelet.end(137, "OOMKilled", ""));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.TRANSIENT);
        assertThat(failure.getMessage()).contains("more memory than its limit");
    }

    @Test
    void anEndWithoutAWordIsNeverSuccess() {
        rig.pods.onCreate(kubelet -> kubelet.end(0, "Completed", ""));

        assertThat(rig.fails(TransferRig.PLAN, TransferProgress.NONE).getType()).isEqualTo(FailureTypes.TRANSIENT);
    }

    @Test
    void aQuotaThatForbidsThePodIsShownAndRetriedSlowly() {
        rig.pods.failNextCreate(Trouble.needsChange("ErrExceededQuota", "exceeded quota: small"));

        ApplicationFailure failure = rig.fails(TransferRig.PLAN, TransferProgress.NONE);

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(rig.running().reason()).isEqualTo("ErrExceededQuota");
        assertThat(rig.running().message()).contains("exceeded quota");
    }
}
