package io.dvflow.activities.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.activities.Activities;
import io.dvflow.activities.Example;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakeSettings;
import io.dvflow.activities.Given;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.OwnedStatus;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.import_.PlanActivities;
import io.dvflow.workflows.import_.Stages;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanActivitiesTest {

    private final TestActivityEnvironment temporal = Activities.environment();
    private final FakeObjects objects = new FakeObjects(Given.httpDataVolume());
    private final FakeClaims claims = new FakeClaims();
    private final FakeSettings settings = new FakeSettings();
    private final PlanActivities activities = Activities.of(
            temporal,
            PlanActivities.class,
            new PlanActivitiesImpl(new StatusWriter(objects, objects, Clock.systemUTC()), claims, settings));

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void decidesEverythingThatHoldsForTheWholeOperation() {
        settings.storageClass("fast", "Immediate").csiDriverOf("fast");
        annotate(Map.of(
                "dvflow.io/max-attempts", "7",
                "dvflow.io/deadline", "PT2H",
                "dvflow.io/paused", "true",
                "dvflow.io/retry", "once"));

        ImportPlan plan = activities.plan(Given.REF);

        assertThat(plan)
                .isEqualTo(new ImportPlan(
                        "fedora",
                        ClaimPath.POPULATOR,
                        false,
                        "Filesystem",
                        "ReadWriteOnce",
                        Optional.of("fast"),
                        "http",
                        1073741824,
                        1138166334,
                        0.06,
                        false,
                        Optional.of(7),
                        Optional.of(Instant.parse("2026-01-01T02:00:00Z")),
                        new Intent(8, true, false, Optional.of("once"))));
        assertThat(objects.written())
                .as("a plan that can be made writes nothing")
                .isEmpty();
    }

    @Test
    void waitsForTheImageWithTheVddkLibrary() {
        settings.storageClass("fast", "Immediate");
        objects.change(seen -> seen.setSpec(
                Example.dataVolume("migration/import-vddk-datavolume.yaml").getSpec()));

        assertThat(Activities.failureOf(() -> activities.plan(Given.REF)).getMessage())
                .contains("v2v-vmware")
                .contains("storage.pod.vddk.initimageurl");
        assertThat(objects.status().conditions())
                .filteredOn(condition -> condition.type().equals("Bound"))
                .extracting(condition -> condition.reason())
                .containsExactly("AwaitingVDDK");
    }

    @Test
    void copiesInStagesWhereTheSpecHasCheckpoints() {
        settings.storageClass("fast", "Immediate");
        DataVolume example = Example.dataVolume("migration/import-imageio-checkpoints-datavolume.yaml");
        objects.change(seen -> seen.setSpec(new DataVolumeSpec(
                example.getSpec().source(),
                null,
                null,
                seen.getSpec().storage(),
                null,
                null,
                null,
                example.getSpec().checkpoints(),
                false,
                null)));

        Stages stages = activities.plan(Given.REF).stages().orElseThrow();

        assertThat(stages.checkpoints()).hasSize(1);
        assertThat(stages.complete()).isFalse();
        assertThat(stages.copied()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // CSI driver, usePopulator, path
                "true, -, POPULATOR",
                "true, true, POPULATOR",
                "true, false, DIRECT",
                "false, -, DIRECT",
                "false, true, DIRECT",
            })
    void thePathFollowsTheDriverUnlessForbidden(boolean csi, String usePopulator, ClaimPath path) {
        settings.storageClass("fast", "Immediate");
        if (csi) {
            settings.csiDriverOf("fast");
        }
        if (usePopulator != null) {
            annotate(Map.of("cdi.kubevirt.io/storage.usePopulator", usePopulator));
        }

        assertThat(activities.plan(Given.REF).path()).isEqualTo(path);
    }

    @Test
    void aClassThatWaitsForAConsumerIsWaitedForUnlessTheUserIsInAHurry() {
        settings.storageClass("fast", "WaitForFirstConsumer");
        assertThat(activities.plan(Given.REF).waitForConsumer()).isTrue();

        annotate(Map.of("cdi.kubevirt.io/storage.bind.immediate.requested", ""));
        assertThat(activities.plan(Given.REF).waitForConsumer()).isFalse();
    }

    @Test
    void aMissingClassIsNamedOnTheObjectAndLookedForAgain() {
        ApplicationFailure failure = Activities.failureOf(() -> activities.plan(Given.REF));

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(failure.getNextRetryDelay()).isEqualTo(Duration.ofSeconds(15));
        assertThat(objects.status().phase()).isEqualTo("Pending");
        assertThat(OwnedStatus.aspect(objects.status(), "Bound").orElseThrow().reason())
                .isEqualTo("ErrClaimNotValid");
        assertThat(objects.events())
                .extracting(EventNote::message)
                .containsExactly(
                        "StorageClass fast does not exist: create it, or name another one in a new DataVolume");
        assertThat(settings.forgotten()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "source: {upload: {}}",
                "source: {pvc: {namespace: a, name: b}}",
                "sourceRef: {kind: DataSource, name: fedora}",
                "contentType: archive\nsource: {imageio: {url: 'https://x', diskId: y, secretRef: z}}",
            })
    void whatThisReleaseDoesNotCarryOutSaysSo(String source) {
        settings.storageClass("fast", "Immediate");
        DataVolumeSpec spec = Given.yaml(
                source + "\nstorage: {storageClassName: fast, resources: {requests: {storage: 1Gi}}}",
                DataVolumeSpec.class);
        objects.change(object -> object.setSpec(spec));

        ApplicationFailure failure = Activities.failureOf(() -> activities.plan(Given.REF));

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(OwnedStatus.aspect(objects.status(), "Running").orElseThrow().reason())
                .isEqualTo("SourceNotSupported");
    }

    @Test
    void anArchiveIsUnpackedIntoAFileSystemWhateverTheProfileSays() {
        settings.storageClass("fast", "Immediate");
        objects.change(object -> object.setSpec(archive("")));

        assertThat(activities.plan(Given.REF).volumeMode()).isEqualTo("Filesystem");
    }

    @Test
    void anArchiveForADeviceIsRefusedInCdisWords() {
        settings.storageClass("fast", "Immediate");
        objects.change(object -> object.setSpec(archive("volumeMode: Block, ")));

        Activities.failureOf(() -> activities.plan(Given.REF));

        assertThat(OwnedStatus.aspect(objects.status(), "Bound").orElseThrow().reason())
                .isEqualTo("ErrClaimNotValid");
        assertThat(objects.events())
                .extracting(EventNote::message)
                .singleElement()
                .asString()
                .contains("ContentType Archive cannot have block volumeMode");
    }

    @Test
    void anArchiveIsNotVerified() {
        settings.storageClass("fast", "Immediate");
        objects.change(object -> object.setSpec(archive("")));
        annotate(Map.of("dvflow.io/verify", "true"));

        ApplicationFailure failure = Activities.failureOf(() -> activities.plan(Given.REF));

        assertThat(failure.getType()).isEqualTo(FailureTypes.NEEDS_CHANGE);
        assertThat(failure.getOriginalMessage()).contains("dvflow.io/verify").contains("checksum");
    }

    private static DataVolumeSpec archive(String mode) {
        return Given.yaml("""
                contentType: archive
                source: {http: {url: 'http://x'}}
                storage:
                  {storageClassName: fast, accessModes: [ReadWriteOnce], %sresources: {requests: {storage: 1Gi}}}
                """.formatted(mode), DataVolumeSpec.class);
    }

    @Test
    void aClaimThatIsFilledAlreadyNeedsNoTransfer() {
        settings.storageClass("fast", "Immediate").csiDriverOf("fast");
        DataVolume other = Given.httpDataVolume();
        other.getMetadata().setUid("other");
        var foreign = ClaimBuilder.target(other, Given.plan(ClaimPath.DIRECT));
        foreign.getMetadata().setOwnerReferences(List.of());
        claims.put(foreign);
        annotate(Map.of("cdi.kubevirt.io/allowClaimAdoption", "true"));

        assertThat(activities.plan(Given.REF).path()).isEqualTo(ClaimPath.ALREADY_POPULATED);
    }

    @Test
    void aClaimThatWasMadeKeepsThePathItWasMadeFor() {
        settings.storageClass("fast", "Immediate").csiDriverOf("fast");
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), Given.plan(ClaimPath.DIRECT)));

        assertThat(activities.plan(Given.REF).path()).isEqualTo(ClaimPath.DIRECT);
    }

    @Test
    void preallocationIsTheObjectsOrTheClusters() {
        settings.storageClass("fast", "Immediate").config(Given.yaml("""
                apiVersion: cdi.kubevirt.io/v1beta1
                kind: CDIConfig
                metadata: {name: config}
                status: {preallocation: true}
                """, CDIConfig.class));

        assertThat(activities.plan(Given.REF).preallocate()).isTrue();
    }

    @Test
    void aMistakeInAnAnnotationIsToldWithWhatWasExpected() {
        settings.storageClass("fast", "Immediate");
        annotate(Map.of("dvflow.io/max-attempts", "many"));

        assertThat(Activities.failureOf(() -> activities.plan(Given.REF)).getOriginalMessage())
                .isEqualTo("Annotation dvflow.io/max-attempts is \"many\", expected a whole number above 0");
    }

    @Test
    void aMirrorThatIsNoAddressIsToldBeforeAnythingIsMade() {
        settings.storageClass("fast", "Immediate");
        annotate(Map.of("dvflow.io/mirrors", "http://a/disk.img b/disk.img"));

        assertThat(Activities.failureOf(() -> activities.plan(Given.REF)).getOriginalMessage())
                .startsWith("Annotation dvflow.io/mirrors has an entry 2 that is no address of a file");
    }

    @Test
    void anObjectThatHasEndedIsNotPlannedAgain() {
        settings.storageClass("fast", "Immediate");
        annotate(Map.of("dvflow.io/outcome", "cancelled"));

        assertThat(Activities.failureOf(() -> activities.plan(Given.REF)).getType())
                .isEqualTo(FailureTypes.OBJECT_GONE);
    }

    private void annotate(Map<String, String> annotations) {
        objects.change(object -> object.getMetadata().setAnnotations(annotations));
    }
}
