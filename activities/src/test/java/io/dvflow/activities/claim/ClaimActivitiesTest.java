package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakeSettings;
import io.dvflow.activities.Given;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClaimActivitiesTest {

    private static final ImportPlan POPULATOR = Given.plan(ClaimPath.POPULATOR);
    private static final ImportPlan DIRECT = Given.plan(ClaimPath.DIRECT);

    private final TestActivityEnvironment temporal = Activities.environment();
    private final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    private final FakeClaims claims = new FakeClaims();
    private final FakeSettings settings = new FakeSettings().storageClass("fast", "Immediate");
    private final StatusWriter status = new StatusWriter(objects, objects, Clock.systemUTC());
    private final ClaimActivities activities = Activities.of(
            temporal,
            ClaimActivities.class,
            new ClaimActivitiesImpl(
                    status, claims, new Scratch(status, claims, settings), new Rebind(status, claims, objects)));

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void thePopulatorPathMakesSourceTargetAndPrime() {
        assertThat(activities.prepare(Given.REF, POPULATOR)).isEqualTo(ClaimState.READY_TO_FILL);

        assertThat(claims.importSources()).containsExactly("volume-import-source-" + Given.UID);
        assertThat(claims.names()).containsExactly("fedora", primeName());
        assertThat(claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.populator.pvcPrime", primeName());
        assertThat(objects.status().phase()).isEqualTo("Pending");
        assertThat(objects.status().claimName()).isEqualTo("fedora");
        assertThat(OwnedStatus.aspect(objects.status(), "Bound").orElseThrow().message())
                .isEqualTo("PVC fedora Pending");
    }

    @Test
    void theDirectPathMakesTheTargetAlone() {
        assertThat(activities.prepare(Given.REF, DIRECT)).isEqualTo(ClaimState.READY_TO_FILL);

        assertThat(claims.names()).containsExactly("fedora");
        assertThat(claims.importSources()).isEmpty();
    }

    @Test
    void preparingAgainChangesNothing() {
        activities.prepare(Given.REF, POPULATOR);
        var before = claims.all();

        assertThat(activities.prepare(Given.REF, POPULATOR)).isEqualTo(ClaimState.READY_TO_FILL);
        assertThat(claims.all()).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void nothingIsProvisionedBeforeAConsumerHasItsNode() {
        ImportPlan waiting = waiting(POPULATOR);

        assertThat(activities.prepare(Given.REF, waiting)).isEqualTo(ClaimState.AWAITS_CONSUMER);
        assertThat(claims.names()).containsExactly("fedora");
        assertThat(objects.status().phase()).isEqualTo("PendingPopulation");

        claims.annotate(
                claims.find("vms", "fedora").orElseThrow(), Map.of("volume.kubernetes.io/selected-node", "node-1"));
        assertThat(activities.prepare(Given.REF, waiting)).isEqualTo(ClaimState.READY_TO_FILL);
        assertThat(claims.annotations(primeName())).containsEntry("volume.kubernetes.io/selected-node", "node-1");
    }

    @Test
    void theDirectPathHasAPhaseOfItsOwnForThat() {
        assertThat(activities.prepare(Given.REF, waiting(DIRECT))).isEqualTo(ClaimState.AWAITS_CONSUMER);
        assertThat(objects.status().phase()).isEqualTo("WaitForFirstConsumer");

        claims.bind("fedora");
        assertThat(activities.prepare(Given.REF, waiting(DIRECT))).isEqualTo(ClaimState.READY_TO_FILL);
        assertThat(objects.status().phase()).isEqualTo("PVCBound");
    }

    @Test
    void aForeignClaimOfThatNameIsLeftAlone() {
        claims.put(new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace("vms")
                .withName("fedora")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build());

        ApplicationFailure failure = Activities.failureOf(() -> activities.prepare(Given.REF, DIRECT));

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(OwnedStatus.aspect(objects.status(), "Running").orElseThrow().reason())
                .isEqualTo("ErrResourceExists");
        assertThat(claims.annotations("fedora")).isEmpty();
    }

    @Test
    void theFilledVolumeIsGivenToTheTargetAndThePrimeGoes() {
        activities.prepare(Given.REF, POPULATOR);
        claims.bind(primeName());

        activities.handOver(Given.REF, POPULATOR);

        assertThat(ClaimFacts.isBound(claims.find("vms", "fedora").orElseThrow()))
                .isTrue();
        assertThat(claims.names()).containsExactly("fedora");
        assertThat(activities.prepare(Given.REF, POPULATOR))
                .as("whoever comes after a loss of history sees that it is done")
                .isEqualTo(ClaimState.POPULATED);
        activities.handOver(Given.REF, POPULATOR);
    }

    @Test
    void theHandOverWaitsForTheVolumeControllerAndSurvivesItsAbsence() {
        String prime = prepareAndFill();
        claims.bindReserved(false);

        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> activities.handOver(Given.REF, POPULATOR));
        await().until(() -> claims.volume(volumeOf(prime))
                .map(volume -> volume.getSpec().getClaimRef().getUid())
                .filter(targetUid()::equals)
                .isPresent());
        assertThat(claims.names())
                .as("the prime stays until the target is bound")
                .contains(prime);
        claims.put(new PersistentVolumeClaimBuilder(claims.find("vms", "fedora").orElseThrow())
                .editSpec()
                .withVolumeName(volumeOf(prime))
                .endSpec()
                .withNewStatus()
                .withPhase("Bound")
                .endStatus()
                .build());

        first.join();
        assertThat(claims.names()).containsExactly("fedora");
    }

    @Test
    void aRetainedPrimeStays() {
        objects.change(object -> object.getMetadata()
                .setAnnotations(Map.of("cdi.kubevirt.io/storage.pod.retainAfterCompletion", "true")));
        String prime = prepareAndFill();

        activities.handOver(Given.REF, POPULATOR);

        assertThat(claims.names()).containsExactly("fedora", prime);
        assertThat(objects.events())
                .contains(EventNote.normal(
                        "RetainedPVCPrime",
                        "Prime claim " + prime + " is retained, without a volume, until fedora is deleted"));
    }

    @Test
    void aTargetThatSomebodyElsesVolumeTookIsNotTakenForFilled() {
        activities.prepare(Given.REF, POPULATOR);
        claims.bind("fedora");

        ApplicationFailure failure = Activities.failureOf(() -> activities.prepare(Given.REF, POPULATOR));

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(failure.getOriginalMessage()).contains("before it was filled");
    }

    @Test
    void aLostClaimIsFinal() {
        activities.prepare(Given.REF, DIRECT);
        claims.put(new PersistentVolumeClaimBuilder(claims.find("vms", "fedora").orElseThrow())
                .withNewStatus()
                .withPhase("Lost")
                .endStatus()
                .build());

        assertThat(Activities.failureOf(() -> activities.prepare(Given.REF, DIRECT))
                        .getType())
                .isEqualTo(FailureTypes.FINAL);
    }

    private String prepareAndFill() {
        activities.prepare(Given.REF, POPULATOR);
        claims.bind(primeName());
        return primeName();
    }

    private String primeName() {
        return "prime-" + targetUid();
    }

    private String targetUid() {
        return claims.find("vms", "fedora").orElseThrow().getMetadata().getUid();
    }

    private String volumeOf(String claim) {
        return claims.find("vms", claim).orElseThrow().getSpec().getVolumeName();
    }

    private static ImportPlan waiting(ImportPlan plan) {
        return new ImportPlan(
                plan.claimName(),
                plan.path(),
                true,
                plan.volumeMode(),
                plan.accessMode(),
                plan.storageClass(),
                plan.source(),
                plan.diskBytes(),
                plan.claimBytes(),
                plan.filesystemOverhead(),
                plan.preallocate(),
                plan.maxAttempts(),
                plan.deadline(),
                plan.intent());
    }
}
