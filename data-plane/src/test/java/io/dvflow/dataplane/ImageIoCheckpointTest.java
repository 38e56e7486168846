package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.hypervisors.ImageIoDaemon;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of a disk of oVirt, and what one changed on the one before. */
class ImageIoCheckpointTest {

    @TempDir
    static Path shared;

    private static ImageIoDaemon daemon;

    @TempDir
    Path directory;

    private OvirtDisk ovirt;

    @BeforeAll
    static void startDaemon() throws IOException {
        daemon = ImageIoDaemon.start(shared);
    }

    @AfterAll
    static void stopDaemon() {
        if (daemon != null) {
            daemon.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        ovirt = new OvirtDisk(daemon, directory);
    }

    @AfterEach
    void stop() {
        ovirt.close();
    }

    @Test
    void aSnapshotIsTheSameForALaterPod() throws IOException {
        ovirt.denseDisk();
        ovirt.engine.addSnapshot(OvirtDisk.DISK, OvirtDisk.FIRST, Optional.empty());
        ovirt.host.serves(OvirtDisk.FIRST, ovirt.host.imageOf(OvirtDisk.DISK));
        TransferPlan plan = Rig.plan(
                ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.FIRST, null)),
                Rig.file(ovirt.volume),
                OvirtDisk.SIZE);
        ResumeMap done = OvirtDisk.stopOnTheWay(ovirt.slow(), plan, 8 * OvirtDisk.MIB);

        ovirt.slowLine.hurry();
        Complete outcome = new Rig().complete(Rig.resuming(plan, done));

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
        assertThat(outcome.fetchedBytes()).isLessThan(OvirtDisk.SIZE - done.finishedBytes() + 2 * OvirtDisk.MIB);
        assertThat(ovirt.engine.open()).isEmpty();
    }

    @Test
    void writesOnlyWhatChangedSinceTheCheckpointBefore() throws IOException {
        Path expected = ovirt.prepareTwoCheckpoints();

        new Rig()
                .complete(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.FIRST, null)),
                        Rig.file(ovirt.volume),
                        OvirtDisk.SIZE + 4 * OvirtDisk.MIB));
        Complete outcome = new Rig()
                .complete(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.SECOND, OvirtDisk.FIRST)),
                        Rig.file(ovirt.volume),
                        OvirtDisk.SIZE + 4 * OvirtDisk.MIB));

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE + 4 * OvirtDisk.MIB, expected);
        assertThat(outcome.writtenBytes()).isBetween(3 * OvirtDisk.MIB, 4 * OvirtDisk.MIB);
        assertThat(ovirt.engine.lent.getLast().isShallow()).isTrue();
        assertThat(ovirt.volume.resolve(".dvflow-journal.json")).doesNotExist();
    }

    @Test
    void changesADeviceInPlace() throws IOException {
        Path expected = ovirt.prepareTwoCheckpoints();
        try (LoopDevice device =
                LoopDevice.fullOfOldData(directory.resolve("backing"), OvirtDisk.SIZE + 4 * OvirtDisk.MIB)) {
            new Rig()
                    .complete(Rig.plan(
                            ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.FIRST, null)),
                            Rig.block(device),
                            OvirtDisk.SIZE + 4 * OvirtDisk.MIB));
            new Rig()
                    .complete(Rig.plan(
                            ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.SECOND, OvirtDisk.FIRST)),
                            Rig.block(device),
                            OvirtDisk.SIZE + 4 * OvirtDisk.MIB));

            Disks.assertHolds(device.path(), OvirtDisk.SIZE + 4 * OvirtDisk.MIB, expected);
        }
    }

    @Test
    void takesADeltaUpWhereItWas() throws IOException {
        ovirt.engine.addDisk(OvirtDisk.DISK, "99999999-active");
        ovirt.prepareTwoCheckpoints();
        Path news = directory.resolve("many-news");
        TestImages.random(news, 40 * OvirtDisk.MIB, 12);
        Shell.run("qemu-io", "-f", "qcow2", "-c", "write -s " + news + " 8M 40M", ovirt.host.imageOf(OvirtDisk.SECOND));
        Path expected =
                TestImages.asQemuSeesIt(ovirt.host.imageOf(OvirtDisk.SECOND), "qcow2", directory.resolve("both.raw"));
        new Rig()
                .complete(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.FIRST, null)),
                        Rig.file(ovirt.volume),
                        OvirtDisk.SIZE));
        TransferPlan delta = Rig.plan(
                ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.SECOND, OvirtDisk.FIRST)),
                Rig.file(ovirt.volume),
                OvirtDisk.SIZE);
        ResumeMap done = OvirtDisk.stopOnTheWay(ovirt.slow(), delta, 32 * OvirtDisk.MIB);
        ovirt.slowLine.hurry();

        Complete outcome = new Rig().complete(Rig.resuming(delta, done));

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, expected);
        assertThat(outcome.fetchedBytes()).isLessThan(OvirtDisk.SIZE - done.finishedBytes() + 2 * OvirtDisk.MIB);
    }

    @Test
    void putsNoChangesOntoAnotherSnapshotsContent() throws IOException {
        ovirt.prepareTwoCheckpoints();
        new Rig()
                .complete(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.FIRST, null)),
                        Rig.file(ovirt.volume),
                        OvirtDisk.SIZE));

        Failed failed = new Rig()
                .failed(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.SECOND, "33333333-other")),
                        Rig.file(ovirt.volume),
                        OvirtDisk.SIZE));

        assertThat(failed.message()).contains("parent " + OvirtDisk.FIRST).contains("33333333-other");
        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
    }

    @Test
    void putsNoChangesOntoNothing() throws IOException {
        ovirt.prepareTwoCheckpoints();

        Failed failed = new Rig()
                .failed(Rig.plan(
                        ovirt.source(OvirtDisk.DISK, OvirtDisk.stage(OvirtDisk.SECOND, OvirtDisk.FIRST)),
                        Rig.file(ovirt.volume),
                        OvirtDisk.SIZE));

        assertThat(failed.message()).contains("there is no disk at");
        assertThat(ovirt.engine.open()).isEmpty();
    }
}
