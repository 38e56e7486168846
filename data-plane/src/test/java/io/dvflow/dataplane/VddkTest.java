package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.hypervisors.StandInVSphere;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks of VMware: found through a stand-in of vSphere, read from the real nbdkit without the library. */
class VddkTest {

    /** A host that is strict about blocks, and about how much it is asked for. */
    private static final String STRICT = "--filter=blocksize-policy";

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
    void readsTheDiskThatIsMeantOnlyWhereThereIsData() throws IOException {
        Nbdkit nbdkit = vmware.nbdkit(vmware.raw, "");
        Rig rig = VddkDisk.rig(nbdkit, 4);

        Complete outcome = rig.complete(vmware.plan(Optional.empty()));

        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, vmware.raw);
        assertThat(outcome.fetchedBytes()).isLessThan(20 * VddkDisk.MIB);
        assertThat(nbdkit.arguments())
                .startsWith("--foreground", "--readonly", "--exit-with-parent", "-U")
                .contains(
                        "--filter=cacheextents",
                        "vddk",
                        "libdir=/opt/vmware-vix-disklib-distrib",
                        "server=127.0.0.1",
                        "user=" + StandInVSphere.USER,
                        "password=+" + vmware.login.resolve("secretKey"),
                        "thumbprint=" + VddkDisk.THUMBPRINT,
                        // The machine with the disk, not its copy with the same UUID.
                        "vm=moref=vm-2")
                .endsWith("file=" + StandInVSphere.DISK)
                .noneMatch(argument -> argument.contains(StandInVSphere.PASSWORD))
                .noneMatch(argument -> argument.startsWith("snapshot="));
        assertThat(rig.notes()).contains("VDDK 7.0.3", "VDDK reads from host esx12.test.local");
        await().until(() -> !nbdkit.isRunning());
        assertThat(vmware.vsphere.openSessions()).isZero();
    }

    @Test
    void makesHolesZeroOnADevice() throws IOException {
        try (LoopDevice device =
                LoopDevice.fullOfOldData(directory.resolve("backing"), VddkDisk.SIZE + 4 * VddkDisk.MIB)) {
            VddkDisk.rig(vmware.nbdkit(vmware.raw, ""), 4)
                    .complete(Rig.plan(
                            vmware.source(Optional.empty()), Rig.block(device), VddkDisk.SIZE + 4 * VddkDisk.MIB));

            Disks.assertHolds(device.path(), VddkDisk.SIZE + 4 * VddkDisk.MIB, vmware.raw);
        }
    }

    /** CDI leaves old data in zero ranges of more than 16 MiB, where it has to write the zeros. */
    @Test
    void makesAllOfALongHoleZeroOnADevice() throws IOException {
        Path disk = vmware.withLongHole();
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), VddkDisk.SIZE)) {
            Complete outcome = VddkDisk.rig(vmware.nbdkit(disk, ""), 4)
                    .complete(Rig.plan(vmware.source(Optional.empty()), Rig.block(device), VddkDisk.SIZE));

            Disks.assertHolds(device.path(), VddkDisk.SIZE, disk);
            assertThat(outcome.fetchedBytes()).as("the hole is none to be read").isLessThan(25 * VddkDisk.MIB);
        }
    }

    @Test
    void knowsHolesLargerThanAnyAnswer() throws IOException {
        long size = 9L << 30;
        Path sparse = directory.resolve("sparse.raw");
        try (RandomAccessFile disk = new RandomAccessFile(sparse.toFile(), "rw")) {
            disk.setLength(size);
            for (long at : new long[] {0, (5L << 30) - 4096, size - 65_536}) {
                disk.seek(at);
                disk.write("here".repeat(4096).getBytes(StandardCharsets.US_ASCII));
            }
        }
        vmware.vsphere.capacity = size;

        Complete outcome = VddkDisk.rig(vmware.nbdkit(sparse, ""), 4)
                .complete(Rig.plan(vmware.source(Optional.empty()), Rig.file(vmware.volume), size));

        assertThat(outcome.fetchedBytes()).isLessThan(VddkDisk.MIB);
        Shell.run("qemu-img", "compare", "-f", "raw", "-F", "raw", sparse, vmware.volume.resolve("disk.img"));
    }

    @Test
    void handsSettingsOver() throws IOException {
        Path settings = Files.createDirectory(directory.resolve("settings"));
        Files.writeString(settings.resolve("vddk-config-file"), "VixDiskLib.nfcAio.Session.BufSizeIn64KB=16\n");
        Files.writeString(settings.resolve("vddk-node-selector"), "{}");
        Nbdkit nbdkit = vmware.nbdkit(vmware.raw, "");
        TransferSource.Vddk source = new TransferSource.Vddk(
                vmware.vsphere.url(),
                StandInVSphere.UUID,
                StandInVSphere.DISK,
                VddkDisk.THUMBPRINT,
                Optional.empty(),
                vmware.login.toString(),
                Optional.empty(),
                Optional.of(settings.toString()));

        VddkDisk.rig(nbdkit, 1).complete(Rig.plan(source, Rig.file(vmware.volume), VddkDisk.SIZE));

        assertThat(nbdkit.arguments()).contains("config=" + settings.resolve("vddk-config-file"));
    }

    @Test
    void asksOnlyForWholeBlocksOfAStrictHost() throws IOException {
        String strict =
                STRICT + " blocksize-minimum=4096 blocksize-maximum=1M blocksize-error-policy=error " + VddkDisk.SLOW;
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), strict);
        Rig rig = VddkDisk.rig(nbdkit, 2);
        CompletableFuture<Complete> running =
                CompletableFuture.supplyAsync(() -> rig.complete(vmware.plan(Optional.empty())));
        await().atMost(VddkDisk.PATIENCE).until(() -> nbdkit.bytesRead() > 6 * VddkDisk.MIB);
        nbdkit.kill();
        nbdkit.hurry();

        running.join();
        Disks.assertHolds(vmware.volume.resolve("disk.img"), VddkDisk.SIZE, vmware.raw);
    }

    @Test
    void noSecretIsInAnyCommandLine() throws IOException {
        Nbdkit nbdkit = vmware.nbdkit(vmware.dense(), VddkDisk.SLOW);
        Rig rig = VddkDisk.rig(nbdkit, 1);
        CompletableFuture<Complete> running =
                CompletableFuture.supplyAsync(() -> rig.complete(vmware.plan(Optional.empty())));
        VddkDisk.awaitSome(rig);

        List<String> all = commandLines();

        assertThat(all).anyMatch(line -> line.contains("nbdkit"));
        assertThat(all).noneMatch(line -> line.contains(StandInVSphere.PASSWORD));
        nbdkit.hurry();
        running.join();
    }

    /** Of every process that this one has started, as anybody on the machine can read them. */
    private static List<String> commandLines() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> Path.of("/proc", Long.toString(process.pid()), "cmdline"))
                .map(VddkTest::readIfThere)
                .toList();
    }

    private static String readIfThere(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended meanwhile.
            return "";
        }
    }
}
