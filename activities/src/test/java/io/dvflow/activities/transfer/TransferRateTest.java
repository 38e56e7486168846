package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Given;
import io.dvflow.workflows.transfer.RateChange;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A limit reaches the pod that runs. */
class TransferRateTest {

    private final TransferRig rig = new TransferRig();

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void aChangedRateReachesTheRunningPod() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.run();
        rig.setRate("50Mi");

        rig.activities.limitRate(Given.REF, RateChange.AS_THE_OBJECT_SAYS);
        assertThat(rig.rateOfPod()).isEqualTo("50Mi");

        rig.activities.limitRate(Given.REF, new RateChange(Optional.of("5Mi")));
        assertThat(rig.rateOfPod()).isEqualTo("5Mi");
        assertThat(rig.objects.current().getMetadata().getAnnotations())
                .as("where the next pod looks")
                .containsEntry("dvflow.io/rate-limit", "5Mi");

        rig.setRate("0");
        rig.activities.limitRate(Given.REF, RateChange.AS_THE_OBJECT_SAYS);
        assertThat(rig.rateOfPod()).isNull();
    }

    @Test
    void aRateThatCannotBeReadIsToldAndNotFollowed() {
        rig.pods.put(rig.podOfAttempt(1));
        rig.pods.run();
        rig.setRate("fast");

        rig.activities.limitRate(Given.REF, RateChange.AS_THE_OBJECT_SAYS);

        assertThat(rig.rateOfPod()).isNull();
        assertThat(rig.objects.events())
                .anyMatch(note -> note.reason().equals("InvalidAnnotation")
                        && note.message().contains("\"fast\"")
                        && note.message().contains("50Mi"));
    }

    @Test
    void aRateThatChangesWhileThePodIsMadeReachesItToo() {
        rig.setRate("50Mi");
        rig.pods.onCreate(kubelet -> {
            assertThat(rig.rateOfPod()).isEqualTo("50Mi");
            rig.setRate("5Mi");
            kubelet.run();
        });
        CompletableFuture<TransferReceipt> transfer = rig.start(TransferRig.PLAN, TransferProgress.NONE);

        await().until(() -> rig.pods.current().isPresent() && "5Mi".equals(rig.rateOfPod()));
        rig.pods.end(0, TransferRig.COMPLETE);
        transfer.join();
    }

    @Test
    void limitingWithoutAPodDoesNothingElse() {
        rig.activities.limitRate(Given.REF, new RateChange(Optional.of("5Mi")));

        assertThat(rig.objects.current().getMetadata().getAnnotations()).containsEntry("dvflow.io/rate-limit", "5Mi");
        assertThat(rig.pods.created()).isEmpty();
    }
}
