package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.hypervisors.StandInVSphere;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the same disk for a later pod, and what changed on it since an earlier checkpoint. */
class VddkCheckpointTest {

    @TempDir
    Path directory;

    private VddkDisk vmware;

    @BeforeEach
    void start() throws IOException {
        vmware = new VddkDisk(directory);
    }

    @AfterEach
    void stop() {
        vmware.close();
    }

    @Test
    void aSnapshotIsTheSameForALaterPod() throws IOException {
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), VddkDisk.SLOW);
        TransferPlan plan = vmware.plan(VddkDisk.stage("snapshot-1", null));
        ResumeMap done = VddkDisk.stopOnTheWay(VddkDisk.rig(nbdkit, 1), plan);
        await().until(() -> !nbdkit.isRunning());
        nbdkit.hurry();

        Complete outcome = VddkDisk.rig(nbdkit, 1).complete(Rig.resuming(plan, done));

        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, vmware.raw);
        assertThat(outcome.fetchedBytes()).isLessThan(VddkDisk.SIZE - done.finishedBytes() + 2 * VddkDisk.MIB);
        assertThat(nbdkit.arguments()).contains("snapshot=snapshot-1");
    }

    @Test
    void theDiskOfAMachineThatRunsIsReadAnew() throws IOException {
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), VddkDisk.SLOW);
        Rig rig = VddkDisk.rig(nbdkit, 1);
        TransferPlan plan = vmware.plan(Optional.empty());
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(VddkDisk.PATIENCE).until(() -> rig.reports.toString().contains("COPY") && nbdkit.isRunning());
        rig.stop.raise();
        running.join();
        assertThat(rig.notes()).anyMatch(note -> note.contains("VMware by a snapshot"));
        assertThat(rig.durableMaps()).isEmpty();
        nbdkit.hurry();

        Complete outcome = VddkDisk.rig(nbdkit, 1).complete(plan);

        assertThat(outcome.fetchedBytes()).isGreaterThanOrEqualTo(VddkDisk.SIZE);
    }

    @Test
    void theDiskOfAMachineThatIsOffIsTheSameWhileItsChangesAre() throws IOException {
        vmware.vsphere.powerState = "poweredOff";
        vmware.vsphere.changeIdNow = "52 aa bb/7";
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), VddkDisk.SLOW);
        TransferPlan plan = vmware.plan(Optional.empty());
        ResumeMap done = VddkDisk.stopOnTheWay(VddkDisk.rig(nbdkit, 1), plan);
        nbdkit.hurry();

        Complete outcome = VddkDisk.rig(nbdkit, 1).complete(Rig.resuming(plan, done));
        assertThat(outcome.fetchedBytes()).isLessThan(VddkDisk.SIZE - done.finishedBytes() + 2 * VddkDisk.MIB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"snapshot-1", "first", StandInVSphere.CHANGE_ID})
    void writesOnlyWhatChangedSinceTheCheckpointBefore(String previous) throws IOException {
        Path expected = vmware.changedDisk();
        VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 4).complete(vmware.plan(VddkDisk.stage("snapshot-1", null)));

        Complete outcome = VddkDisk.rig(vmware.nbdkit(expected, ""), 4)
                .complete(vmware.plan(VddkDisk.stage("snapshot-2", previous)));

        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, expected);
        assertThat(vmware.changed).hasSizeGreaterThan(3 * StandInVSphere.PAGE);
        assertThat(vmware.vsphere.calls.stream().filter("QueryChangedDiskAreas"::equals))
                .hasSizeGreaterThan(3);
        assertThat(outcome.fetchedBytes()).isLessThan(4 * VddkDisk.MIB);
    }

    /** Where CDI leaves the data of the checkpoint before, beyond the first 16 MiB. */
    @Test
    void makesAllOfALongStretchZeroThatHasBecomeSo() throws IOException {
        Path later = vmware.withLongHole();
        vmware.vsphere.changes(2, List.of(VddkDisk.LONG_HOLE));
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), VddkDisk.SIZE)) {
            TransferTarget target = Rig.block(device);
            TestImages.random(vmware.raw, VddkDisk.SIZE, 22);
            VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 4)
                    .complete(Rig.plan(vmware.source(VddkDisk.stage("snapshot-1", null)), target, VddkDisk.SIZE));
            Disks.assertHolds(device.path(), VddkDisk.SIZE, vmware.raw);

            VddkDisk.rig(vmware.nbdkit(later, ""), 4)
                    .complete(
                            Rig.plan(vmware.source(VddkDisk.stage("snapshot-2", "snapshot-1")), target, VddkDisk.SIZE));

            Disks.assertHolds(device.path(), VddkDisk.SIZE, later);
        }
    }

    @Test
    void opensItsSessionAgainOnce() throws IOException {
        Path expected = vmware.changedDisk();
        VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 4).complete(vmware.plan(VddkDisk.stage("snapshot-1", null)));
        vmware.vsphere.callsUntilExpiry.set(7);

        VddkDisk.rig(vmware.nbdkit(expected, ""), 4).complete(vmware.plan(VddkDisk.stage("snapshot-2", "snapshot-1")));

        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, expected);
        assertThat(vmware.vsphere.calls.stream().filter("Login"::equals)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<returnval><startOffset>0</startOffset><length>0</length></returnval>",
                "<returnval><startOffset>65536</startOffset><length>65536</length></returnval>",
                "<returnval><startOffset>0</startOffset><length>999999999999</length></returnval>",
                "<returnval><startOffset>0</startOffset><length>65536</length><changedArea><start>0</start>"
                        + "<length>131072</length></changedArea></returnval>",
                "<returnval><startOffset>0</startOffset><length>65536</length><changedArea><start>-1</start>"
                        + "<length>512</length></changedArea></returnval>",
                "<returnval><startOffset>0</startOffset><length>65536</length><changedArea><start>4096</start>"
                        + "<length>512</length></changedArea><changedArea><start>0</start><length>512</length>"
                        + "</changedArea></returnval>",
            })
    void believesNoChangesThatDoNotAddUp(String page) throws IOException {
        VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 4).complete(vmware.plan(VddkDisk.stage("snapshot-1", null)));
        vmware.vsphere.pageOverride = Optional.of(page);

        Failed failed = VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 4)
                .failed(vmware.plan(VddkDisk.stage("snapshot-2", "snapshot-1")));

        assertThat(failed.message()).contains("QueryChangedDiskAreas");
        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, vmware.raw);
    }
}
