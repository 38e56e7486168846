package io.dvflow.activities.finish;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Activities;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.claim.ClaimNames;
import io.dvflow.activities.status.Aspect;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FinishActivitiesTest {

    private static final ImportPlan PLAN = Given.plan(ClaimPath.POPULATOR);
    private static final Optional<TransferReceipt> RECEIPT =
            Optional.of(new TransferReceipt("Import Complete", "qcow2", 5, 5, 5, true, 2, List.of()));

    private final TestActivityEnvironment temporal = Activities.environment();
    private final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    private final FakeClaims claims = new FakeClaims();
    private final FakePods pods = new FakePods();
    private final FinishActivities activities = Activities.of(
            temporal,
            FinishActivities.class,
            new FinishActivitiesImpl(objects, new StatusWriter(objects, objects, Clock.systemUTC()), claims, pods));

    @BeforeEach
    void halfDoneOperation() {
        objects.change(
                object -> object.getMetadata().setFinalizers(List.of("example.com/other", "dvflow.io/operation")));
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), PLAN));
        claims.create(ClaimBuilder.importSource(Given.httpDataVolume(), PLAN));
        pods.put(Given.yaml("""
                apiVersion: v1
                kind: Pod
                metadata: {namespace: vms, name: importer-fedora, uid: pod-1}
                spec: {containers: [{name: importer}]}
                """, Pod.class));
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void whatTheSourceSaysOfTheDiskIsOnTheClaim() {
        claims.bind("fedora");
        claims.label(claims.find("vms", "fedora").orElseThrow(), Map.of("kubevirt.io/os", "windows"));
        TransferReceipt receipt = new TransferReceipt(
                "Import Complete",
                "raw",
                5,
                5,
                5,
                false,
                0,
                List.of(),
                Map.of("kubevirt.io/os", "linux", "instancetype.kubevirt.io/default-preference", "fedora"));

        activities.succeed(Given.REF, PLAN, Optional.of(receipt));

        assertThat(claims.find("vms", "fedora").orElseThrow().getMetadata().getLabels())
                .containsEntry("instancetype.kubevirt.io/default-preference", "fedora")
                .as("what somebody wrote there stays")
                .containsEntry("kubevirt.io/os", "windows");
    }

    @Test
    void successRemovesWhatWasNeededAndTellsEverybody() {
        claims.bind("fedora");

        activities.succeed(Given.REF, PLAN, RECEIPT);

        assertThat(pods.current()).isEmpty();
        assertThat(claims.importSources()).isEmpty();
        DataVolumeStatus status = objects.status();
        assertThat(status.phase()).isEqualTo("Succeeded");
        assertThat(status.progress()).isEqualTo("100.0%");
        assertThat(OwnedStatus.aspect(status, "Ready").orElseThrow().status()).isEqualTo("True");
        assertThat(OwnedStatus.aspect(status, "Bound").orElseThrow().message()).isEqualTo("PVC fedora Bound");
        assertThat(OwnedStatus.aspect(status, "Running")).contains(new Aspect("False", "Completed", "Import Complete"));
        assertThat(claims.annotations("fedora"))
                .containsEntry("cdi.kubevirt.io/storage.pod.phase", "Succeeded")
                .containsEntry("cdi.kubevirt.io/storage.pod.restarts", "2")
                .containsEntry("cdi.kubevirt.io/storage.preallocation", "true");
        assertThat(objects.events())
                .contains(EventNote.normal("ImportSucceeded", "Successfully imported into PVC fedora"));
        assertThat(objects.current().getMetadata().getFinalizers()).containsExactly("example.com/other");
        assertThat(objects.current().getMetadata().getAnnotations()).containsEntry("dvflow.io/outcome", "succeeded");
    }

    @Test
    void scratchSpaceIsRemovedEvenBesideARetainedPod() {
        objects.change(object -> object.getMetadata()
                .setAnnotations(Map.of("cdi.kubevirt.io/storage.pod.retainAfterCompletion", "true")));
        putPrime();
        putScratch();

        activities.succeed(Given.REF, PLAN, RECEIPT);

        assertThat(claims.names()).hasSize(2).noneMatch(name -> name.endsWith("-scratch"));
    }

    @Test
    void succeedingAgainAfterALostAnswerChangesNothing() {
        claims.bind("fedora");
        activities.succeed(Given.REF, PLAN, RECEIPT);
        String version = objects.current().getMetadata().getResourceVersion();

        activities.succeed(Given.REF, PLAN, RECEIPT);

        assertThat(objects.current().getMetadata().getResourceVersion()).isEqualTo(version);
    }

    @Test
    void aRetainedPodStaysForAsLongAsTheObject() {
        objects.change(object -> object.getMetadata()
                .setAnnotations(Map.of("cdi.kubevirt.io/storage.pod.retainAfterCompletion", "true")));

        activities.succeed(Given.REF, PLAN, RECEIPT);

        assertThat(pods.current().orElseThrow().getMetadata().getOwnerReferences())
                .extracting(OwnerReference::getUid)
                .containsExactly(Given.UID);
    }

    @Test
    void anAdoptedClaimBecomesTheObjects() {
        PersistentVolumeClaim foreign = ClaimBuilder.target(Given.httpDataVolume(), Given.plan(ClaimPath.DIRECT));
        foreign.getMetadata().setOwnerReferences(List.of());
        claims.put(foreign);

        activities.succeed(Given.REF, Given.plan(ClaimPath.ALREADY_POPULATED), Optional.empty());

        assertThat(claims.find("vms", "fedora")
                        .orElseThrow()
                        .getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getUid())
                .isEqualTo(Given.UID);
        assertThat(objects.status().phase()).isEqualTo("Succeeded");
    }

    @Test
    void anObjectThatIsBeingDeletedDoesNotSucceed() {
        objects.change(object -> object.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z"));

        assertThat(Activities.failureOf(() -> activities.succeed(Given.REF, PLAN, RECEIPT))
                        .getType())
                .isEqualTo(FailureTypes.OBJECT_GONE);
        assertThat(pods.current()).isPresent();
    }

    @Test
    void cancellingKeepsThePhaseAndTheTargetClaim() {
        objects.change(
                object -> object.setStatus(new DataVolumeStatus("fedora", "ImportInProgress", "10.00%", 0, List.of())));
        putPrime();

        activities.abandon(Given.REF, Outcome.CANCELLED, "Cancelled on request");

        assertThat(pods.current()).isEmpty();
        assertThat(claims.names()).containsExactly("fedora");
        assertThat(claims.importSources()).isEmpty();
        assertThat(objects.status().phase()).isEqualTo("ImportInProgress");
        assertThat(OwnedStatus.aspect(objects.status(), "Running"))
                .contains(new Aspect("False", "Cancelled", "Cancelled on request"));
        assertThat(objects.current().getMetadata().getAnnotations()).containsEntry("dvflow.io/outcome", "cancelled");
        assertThat(objects.current().getMetadata().getFinalizers()).containsExactly("example.com/other");
    }

    @Test
    void aTargetClaimStaysWhateverItsName() {
        ImportPlan direct = Given.plan(ClaimPath.DIRECT);
        for (String name : List.of("prime-time", "from-scratch")) {
            PersistentVolumeClaim target = ClaimBuilder.target(Given.httpDataVolume(), direct);
            target.getMetadata().setName(name);
            claims.put(target);
        }
        putPrime();
        putScratch();

        activities.abandon(Given.REF, Outcome.CANCELLED, "Cancelled on request");

        assertThat(claims.names()).containsExactly("fedora", "from-scratch", "prime-time");
    }

    @Test
    void failingAndGivingUpAreFailed() {
        activities.abandon(Given.REF, Outcome.GAVE_UP, "Gave up after 2 attempts");

        assertThat(objects.status().phase()).isEqualTo("Failed");
        assertThat(OwnedStatus.aspect(objects.status(), "Running").orElseThrow().reason())
                .isEqualTo("GaveUp");
        assertThat(objects.current().getMetadata().getAnnotations()).containsEntry("dvflow.io/outcome", "gave-up");

        activities.abandon(Given.REF, Outcome.CANCELLED, "too late");
        assertThat(objects.current().getMetadata().getAnnotations()).containsEntry("dvflow.io/outcome", "gave-up");
    }

    @Test
    void anObjectThatIsBeingDeletedIsOnlyReleased() {
        objects.change(object -> object.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z"));
        putPrime();

        activities.abandon(Given.REF, Outcome.CANCELLED, "The workflow was cancelled");

        assertThat(objects.written()).isEmpty();
        assertThat(claims.names()).containsExactly("fedora");
        assertThat(objects.current().getMetadata().getFinalizers()).containsExactly("example.com/other");
    }

    @Test
    void remainsAreRemovedEvenWhenTheObjectIsGone() {
        putPrime();
        objects.remove();

        activities.abandon(Given.REF, Outcome.OBJECT_GONE, "gone");
        activities.abandon(Given.REF, Outcome.OBJECT_GONE, "gone");

        assertThat(pods.current()).isEmpty();
        assertThat(claims.names()).containsExactly("fedora");
    }

    private void putPrime() {
        claims.put(ClaimBuilder.prime(
                Given.httpDataVolume(), PLAN, claims.find("vms", "fedora").orElseThrow()));
    }

    private void putScratch() {
        String prime = ClaimNames.prime(
                claims.find("vms", "fedora").orElseThrow().getMetadata().getUid());
        claims.put(ClaimBuilder.scratch(
                Given.httpDataVolume(), claims.find("vms", prime).orElseThrow(), Optional.of("fast"), 4096));
    }
}
