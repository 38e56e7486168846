package io.dvflow.activities.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.activities.Activities;
import io.dvflow.activities.Example;
import io.dvflow.activities.FakeClaims;
import io.dvflow.activities.FakeObjects;
import io.dvflow.activities.FakePods;
import io.dvflow.activities.Given;
import io.dvflow.activities.Trouble;
import io.dvflow.activities.claim.ClaimBuilder;
import io.dvflow.activities.status.EventNote;
import io.dvflow.activities.status.StatusWriter;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeCheckpoint;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportPlan.ClaimPath;
import io.dvflow.workflows.import_.Stages;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.temporal.testing.TestActivityEnvironment;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What stands on object and claim between the stages of a warm import. */
class CheckpointStagesTest {

    private static final Checkpoint FIRST = new Checkpoint("snapshot-101", Optional.empty());
    private static final Checkpoint SECOND = new Checkpoint("snapshot-102", Optional.of("snapshot-101"));
    private static final String COPIED = "cdi.kubevirt.io/storage.checkpoint.copied.";

    private final DataVolume complete = named("migration/import-vddk-checkpoints-datavolume.yaml");
    private final DataVolume waiting = named("migration/import-imageio-checkpoints-datavolume.yaml");
    private final ImportPlan plan = Given.plan(ClaimPath.DIRECT);
    private final FakeClaims claims = new FakeClaims();
    private final FakePods pods = new FakePods();
    private TestActivityEnvironment temporal;
    private FakeObjects objects;

    @BeforeEach
    void start() {
        temporal = Activities.environment();
        claims.put(ClaimBuilder.target(Given.httpDataVolume(), plan));
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    @Test
    void aCopiedStageStandsOnTheClaimWithThePodThatDidIt() {
        TransferActivities activities = activitiesFor(complete);
        var pod = pods.create(TransferPodBuilder.build(
                complete,
                plan.at(FIRST),
                claims.find("vms", "fedora").orElseThrow(),
                TransferProgress.NONE,
                new PodSettings(
                        "transfer:1",
                        "Always",
                        Optional.empty(),
                        List.of(),
                        Optional.empty(),
                        List.of(),
                        new PodSettings.Vddk("transfer-vddk:1", Optional.of("vddk:8"), PodSettings.ConfigMaps.NONE))));
        assertThat(pod.getMetadata().getName()).isEqualTo("importer-fedora-checkpoint-snapshot-101");

        Stages stages = activities.nextStage(ref(complete), plan.at(FIRST));

        assertThat(stages).isEqualTo(new Stages(List.of(FIRST, SECOND), true, 1));
        assertThat(claims.annotations("fedora"))
                .containsEntry(COPIED + "snapshot-101", pod.getMetadata().getUid())
                .containsEntry("cdi.kubevirt.io/storage.checkpoint.current", "snapshot-101")
                .doesNotContainKey("cdi.kubevirt.io/storage.checkpoint.done");
        assertThat(objects.written()).isEmpty();
    }

    @Test
    void theLastStageIsTheEnd() {
        TransferActivities activities = activitiesFor(complete);
        activities.nextStage(ref(complete), plan.at(FIRST));

        Stages stages = activities.nextStage(ref(complete), plan.at(SECOND));

        assertThat(stages.areDone()).isTrue();
        assertThat(claims.annotations("fedora")).containsEntry("cdi.kubevirt.io/storage.checkpoint.done", "true");
    }

    @Test
    void showsThatItWaitsForMore() {
        TransferActivities activities = activitiesFor(waiting);
        String current = waiting.getSpec().checkpoints().getFirst().current();

        Stages stages = activities.nextStage(ref(waiting), plan.at(new Checkpoint(current, Optional.empty())));

        assertThat(stages.awaitsMore()).isTrue();
        assertThat(objects.status().phase()).isEqualTo("Paused");
        assertThat(objects.events()).contains(EventNote.normal("ImportPaused", "Import into fedora paused"));
    }

    @Test
    void goesOnWhereTheClaimSaysAfterTheWorkflowWasLost() {
        PersistentVolumeClaim target = claims.find("vms", "fedora").orElseThrow();
        claims.annotate(target, Map.of(COPIED + "snapshot-101", "uid-1"));

        assertThat(CheckpointStages.of(complete, claims.find("vms", "fedora")))
                .contains(new Stages(List.of(FIRST, SECOND), true, 1));
    }

    @Test
    void anImportWithoutCheckpointsHasNoStages() {
        assertThat(CheckpointStages.of(Given.httpDataVolume(), Optional.empty()))
                .isEmpty();
    }

    @Test
    void refusesACheckpointThatNoPodCanBeNamedAfter() {
        DataVolume object =
                Given.yaml(Given.asYaml(complete).replace("snapshot-102", "Snapshot of Monday"), DataVolume.class);
        assertThat(object.getSpec().checkpoints())
                .extracting(DataVolumeCheckpoint::current)
                .contains("Snapshot of Monday");

        assertThatThrownBy(() -> CheckpointStages.of(object, Optional.empty()))
                .isInstanceOf(Trouble.class)
                .hasMessageContaining("Snapshot of Monday");
    }

    private TransferActivities activitiesFor(DataVolume object) {
        objects = new FakeObjects(object);
        var status = new StatusWriter(objects, objects, Clock.systemUTC());
        return Activities.of(
                temporal,
                TransferActivities.class,
                new TransferActivitiesImpl(
                        new TransferActivitiesImpl.Doors(status, claims, pods, objects, new Unmetered()),
                        () -> {
                            throw new IllegalStateException("No pod is made between stages");
                        },
                        TransferTimings.DEFAULT,
                        Clock.systemUTC()));
    }

    private static OperationRef ref(DataVolume object) {
        return StatusWriter.refOf(object);
    }

    private static DataVolume named(String example) {
        return Example.dataVolume(example);
    }
}
