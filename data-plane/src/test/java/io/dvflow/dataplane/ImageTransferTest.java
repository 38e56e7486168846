package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.hypervisors.ImageIoDaemon;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For how long the engine lends a disk: locks, tickets, and what a pod that was killed leaves behind. */
class ImageTransferTest {

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
    void waitsForADiskThatIsLocked() {
        ovirt.engine.lockedFor.set(3);
        Rig rig = new Rig();

        rig.complete(ovirt.plan());

        assertThat(rig.notes()).filteredOn(note -> note.contains("is locked")).hasSize(3);
        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
    }

    @Test
    void doesNotWaitForEverInOnePod() {
        ovirt.engine.lockedFor.set(1000);
        Rig rig = OvirtDisk.quick();

        Failed failed = rig.failed(ovirt.plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.SOURCE_BUSY);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
        assertThat(failed.message()).contains(OvirtDisk.DISK).contains("locked");
    }

    @Test
    void goesOnWithAnotherTicketWhenOneIsLost() throws IOException {
        ovirt.denseDisk();
        Rig rig = ovirt.slow();
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(ovirt.plan()));
        OvirtDisk.awaitSome(rig);

        daemon.removeTicket(ovirt.engine.lent.getFirst().url());
        ovirt.slowLine.hurry();

        Complete outcome = running.join();
        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
        assertThat(ovirt.engine.lent).hasSize(1);
        assertThat(ovirt.engine.actions).contains("pause", "resume").endsWith("finalize");
        assertThat(outcome.fetchedBytes()).isLessThan(OvirtDisk.SIZE + 8 * OvirtDisk.MIB);
    }

    @Test
    void startsAnewWhenTheEngineHasGivenTheDiskToOthersMeanwhile() throws IOException {
        ovirt.denseDisk();
        Rig rig = ovirt.slow();
        CompletableFuture<Complete> running = CompletableFuture.supplyAsync(() -> rig.complete(ovirt.plan()));
        OvirtDisk.awaitSome(rig);

        ovirt.engine.cancelAll();
        ovirt.slowLine.hurry();

        running.join();
        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
        assertThat(rig.notes()).anyMatch(note -> note.contains("starting anew"));
        assertThat(ovirt.engine.lent).hasSize(2);
        assertThat(ovirt.engine.open()).isEmpty();
    }

    @Test
    void keepsTheTicketWhileTheCopyGoesOn() throws IOException {
        ovirt.denseDisk();
        Rig rig = ovirt.slow();

        rig.complete(ovirt.plan());

        assertThat(ovirt.engine.count("extend")).isPositive();
    }

    @Test
    void givesTheDiskBackWhenTold() throws IOException {
        ovirt.denseDisk();
        Rig rig = ovirt.slow();
        OvirtDisk.stopOnTheWay(rig, ovirt.plan(), 8 * OvirtDisk.MIB);

        assertThat(ovirt.engine.actions).endsWith("cancel");
        assertThat(ovirt.engine.open()).isEmpty();
    }

    @Test
    void aDiskThatWasGivenBackIsReadAnew() throws IOException {
        ovirt.denseDisk();
        TransferPlan plan = ovirt.plan();
        ResumeMap done = OvirtDisk.stopOnTheWay(ovirt.slow(), plan, 8 * OvirtDisk.MIB);

        ovirt.slowLine.hurry();
        Complete outcome = new Rig().complete(Rig.resuming(plan, done));

        assertThat(outcome.fetchedBytes()).isGreaterThanOrEqualTo(OvirtDisk.SIZE);
        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
    }

    @Test
    void takesUpTheTransferThatAKilledPodLeftBehind() throws IOException {
        ovirt.denseDisk();
        TransferPlan plan = ovirt.plan();
        ovirt.engine.cannotEnd = true;
        Rig killed = ovirt.slow();
        ResumeMap done = OvirtDisk.stopOnTheWay(killed, plan, 8 * OvirtDisk.MIB);
        assertThat(killed.notes()).anyMatch(note -> note.contains("Cannot end image transfer"));
        ovirt.engine.cannotEnd = false;

        ovirt.slowLine.hurry();
        Complete outcome = new Rig().complete(Rig.resuming(plan, done));

        Disks.assertHolds(ovirt.volume.resolve("disk.img"), OvirtDisk.SIZE, ovirt.raw);
        assertThat(outcome.fetchedBytes()).isLessThan(OvirtDisk.SIZE - done.finishedBytes() + 2 * OvirtDisk.MIB);
        assertThat(ovirt.engine.lent).hasSize(1);
        assertThat(ovirt.engine.open()).isEmpty();
    }
}
