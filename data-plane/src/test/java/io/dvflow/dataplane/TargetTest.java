package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Content;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of files and devices, beside the bytes of the image. */
class TargetTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path directory;

    private FaultServer server;
    private Path raw;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), 4 * MIB, 23);
        volume = Files.createDirectory(directory.resolve("volume"));
        server.add("/disk", ResourceSpec.of(raw));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theFileIsSparseAndForTheGroupToo() throws IOException {
        Complete complete = new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(volume), 200 * MIB));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image())))
                .isEqualTo("rw-rw----");
        assertThat(Files.size(image())).isEqualTo(200 * MIB);
        assertThat(allocated(image())).isLessThanOrEqualTo(4 * MIB);
        assertThat(complete.writtenBytes()).isLessThan(4 * MIB);
        assertThat(complete.message()).isEqualTo("Import Complete");
        assertThat(complete.timeline())
                .extracting(PhaseTiming::phase)
                .containsExactly(TransferPhase.PROBE, TransferPhase.COPY, TransferPhase.RESIZE, TransferPhase.SYNC);
    }

    @Test
    void preallocationLeavesNoHole() throws IOException {
        Complete complete =
                new Rig().complete(Rig.preallocating(Rig.plan(server.url("/disk"), Rig.file(volume), 20 * MIB)));

        assertThat(complete.preallocationApplied()).isTrue();
        assertThat(allocated(image())).isGreaterThanOrEqualTo(20 * MIB);
        Disks.assertHolds(image(), 20 * MIB, raw);
    }

    @Test
    void anImageThatDoesNotFitIsRefusedWithTheNumbersBeforeAByteIsWritten() throws IOException {
        Resource disk = server.add("/disk", ResourceSpec.of(raw));

        Failed failed = new Rig().failed(Rig.plan(server.url("/disk"), Rig.file(volume), 3 * MIB));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.NEEDS_CHANGE);
        assertThat(failed.message())
                .isEqualTo(
                        "Unable to process data: DataVolume too small to contain image: virtual image size 4194304 is"
                                + " larger than the reported available storage 3145728. A larger PVC is required: request at"
                                + " least 4194304 bytes (plus file system overhead)");
        assertThat(image()).doesNotExist();
        assertThat(disk.stats().bodyBytes()).isLessThanOrEqualTo(64 << 10);
    }

    @Test
    void aDeviceThatIsTooSmallKeepsItsContent() throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), 2 * MIB)) {
            Failed failed = new Rig().failed(Rig.plan(server.url("/disk"), Rig.block(device), 8 * MIB));

            assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
            assertThat(failed.message())
                    .contains("virtual image size 4194304 is larger than the reported available storage 2097152")
                    .contains("A larger PVC is required: request at least 4194304 bytes");
            assertThat(Files.readAllBytes(device.path())).containsOnly(0xAA);
        }
    }

    @Test
    void aStreamThatDoesNotFitNamesTheLeastThatIsNeeded() throws IOException {
        Path packed = directory.resolve("disk.raw.gz");
        Shell.run("sh", "-c", "gzip -c '" + raw + "' > '" + packed + "'");
        server.add("/packed", ResourceSpec.of(packed));

        Failed failed = new Rig().failed(Rig.plan(server.url("/packed"), Rig.file(volume), 3 * MIB));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.message())
                .contains("DataVolume too small to contain image: virtual image size, more than 3145728")
                .contains("is larger than the reported available storage 3145728")
                .contains("A larger PVC is required: request at least 3146240 bytes");
    }

    @Test
    void aLeftoverOfAnotherImportIsNoPartOfTheDisk() throws IOException {
        byte[] old = new byte[(int) (10 * MIB)];
        new Random(1).nextBytes(old);
        Files.write(image(), old);
        Files.writeString(volume.resolve(".dvflow-journal.json"), "{\"operationId\":\"somebody else\"}");

        new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(volume), 6 * MIB));

        Disks.assertHolds(image(), 6 * MIB, raw);
        assertThat(volume.resolve(".dvflow-journal.json")).doesNotExist();
    }

    @Test
    void aLeftoverLinkIsReplacedAndNotFollowed() throws IOException {
        Path precious = Files.writeString(directory.resolve("precious"), "do not touch");
        Files.createSymbolicLink(image(), precious);

        new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(volume), 6 * MIB));

        assertThat(precious).hasContent("do not touch");
        assertThat(Files.isSymbolicLink(image())).isFalse();
    }

    @Test
    void aBlankFileIsAHole() throws IOException {
        Complete complete = new Rig().complete(Rig.plan(new TransferSource.Blank(), Rig.file(volume), 30 * MIB));

        assertThat(complete.format()).isEqualTo("blank");
        assertThat(Files.size(image())).isEqualTo(30 * MIB);
        assertThat(allocated(image())).isZero();
    }

    @Test
    void aBlankDeviceHasNothingOldOnIt() throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), 9 * MIB + 512)) {
            new Rig().complete(Rig.plan(new TransferSource.Blank(), Rig.block(device), 8 * MIB));

            assertThat(Files.readAllBytes(device.path()))
                    .hasSize((int) (9 * MIB + 512))
                    .containsOnly(0);
        }
    }

    /** Every way to make a range zero is, too. */
    @Test
    void aDeviceThatRefusesAllThatIsNotInItsLargeSectorsIsFilledAndVerifiedThroughThePageCache() throws IOException {
        try (LoopDevice device = LoopDevice.withLargeSectors(directory.resolve("backing"), 9 * MIB)) {
            Rig rig = new Rig();

            rig.complete(Rig.verifying(Rig.plan(server.url("/disk"), Rig.block(device), 8 * MIB)));

            Disks.assertHolds(device.path(), 9 * MIB, raw);
            assertThat(rig.notes())
                    .contains(
                            device.path() + " refuses direct I/O, writing through the page cache",
                            device.path() + " refuses direct I/O, reading it back through the page cache");
        }
    }

    @Test
    void aFullFileSystemIsSaidToBeTooSmall() throws IOException {
        Path backing = directory.resolve("filesystem");
        try (LoopMount _ = LoopMount.of(backing, 24, volume, "mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal")) {
            Resource large = server.add("/large", random(14 * MIB));
            Files.write(volume.resolve("in-the-way"), new byte[(int) (4 * MIB)]);
            large.faults(Fault.of(Kind.GATE).afterTotalBytes(MIB));
            Rig rig = new Rig();
            var running = CompletableFuture.supplyAsync(
                    () -> rig.run(Rig.plan(server.url("/large"), Rig.file(volume), 15 * MIB)));
            await().atMost(Duration.ofSeconds(60)).until(() -> large.stats().held() > 0);
            // Somebody else takes the space between the check and the writing.
            Shell.run("fallocate", "-l", "10M", volume.resolve("also-in-the-way"));
            large.faults();

            assertThat(running.join()).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
                assertThat(failed.message())
                        .contains("no space left on device (the disk is to have 15728640 bytes, ")
                        .contains(" bytes are free)")
                        .contains("DataVolume too small to contain image: request at least 15728640 bytes");
            });
        }
    }

    @Test
    void aTargetThatIsNotThereIsNamed() {
        Failed noVolume = new Rig()
                .failed(Rig.plan(server.url("/disk"), new TransferTarget.DiskFile("/nowhere/at/all"), 8 * MIB));
        Failed noDevice = new Rig()
                .failed(Rig.plan(server.url("/disk"), new TransferTarget.BlockDevice("/dev/nothing"), 8 * MIB));

        assertThat(noVolume.message()).contains("/nowhere/at/all");
        assertThat(noDevice.message()).contains("expected a block device at /dev/nothing");
    }

    private ResourceSpec random(long bytes) {
        byte[] content = new byte[(int) bytes];
        new Random(9).nextBytes(content);
        return ResourceSpec.of(Content.of(content));
    }

    private Path image() {
        return volume.resolve("disk.img");
    }

    private static long allocated(Path file) {
        return Long.parseLong(Shell.run("stat", "-c", "%b", file).strip()) * 512;
    }
}
