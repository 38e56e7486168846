package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk that is asked to be verified is read back and held against a source that is read a second time. */
class VerificationTest {

    private static final long MIB = 1 << 20;
    /** The image ends within a block, and the disk is larger than the image. */
    private static final long IMAGE = 48 * MIB + 512;

    private static final long DISK = 50 * MIB;

    @TempDir
    Path directory;

    private FaultServer server;
    private Resource disk;
    private Path raw;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), IMAGE, 41);
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2", "compressed", "without ranges"})
    void aDiskThatIsRightPasses(String source) throws IOException {
        long image = serve(source);
        Rig rig = new Rig();

        Complete complete = rig.complete(Rig.verifying(plan()));

        assertThat(complete.fetchedBytes()).as("read twice").isGreaterThan(image * 3 / 2);
        assertThat(complete.timeline()).anyMatch(timing -> timing.phase() == TransferPhase.VERIFY);
        assertThat(rig.reports)
                .filteredOn(TransferReport.Progress.class::isInstance)
                .map(report -> ((TransferReport.Progress) report).phase())
                .contains(TransferPhase.VERIFY);
        Disks.assertHolds(volume.resolve("disk.img"), DISK, raw);
        assertThat(volume.resolve(".dvflow-journal.json")).doesNotExist();
    }

    @Test
    void aBlankDiskIsLookedAtToo() {
        new Rig().complete(Rig.verifying(Rig.plan(new TransferSource.Blank(), Rig.file(volume), DISK)));

        assertThat(volume.resolve("disk.img")).hasSize(DISK);
    }

    @Test
    void aDeviceIsReadToItsEnd() throws IOException {
        serve("qcow2");
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), DISK)) {
            new Rig().complete(Rig.verifying(Rig.plan(server.url("/disk"), Rig.block(device), DISK)));

            Disks.assertHolds(device.path(), DISK, raw);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 24 * MIB + 777, 48 * MIB + 511, 48 * MIB + 512, 50 * MIB - 1})
    void aByteThatIsNotAsWrittenIsFoundAndTheDiskMadeAnew(long damaged) throws Exception {
        serve("raw");
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> outcome = runUntilItVerifies(rig, plan());
        byte right = damage(volume.resolve("disk.img"), damaged);
        disk.faults();

        Failed failed = (Failed) outcome.get();

        assertThat(failed.reason()).isEqualTo(FailureReason.VERIFY_FAILED);
        assertThat(failed.message())
                .contains(
                        "at byte " + damaged,
                        String.format("the source has 0x%02x", right),
                        String.format("the disk has 0x%02x", (byte) ~right));
        assertThat(volume).isEmptyDirectory();
        new Rig().complete(Rig.verifying(plan()));
        Disks.assertHolds(volume.resolve("disk.img"), DISK, raw);
    }

    @Test
    void theMapOfADamagedDeviceIsTakenBack() throws Exception {
        serve("raw");
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), DISK)) {
            Rig rig = new Rig();
            TransferPlan plan = Rig.plan(server.url("/disk"), Rig.block(device), DISK);
            CompletableFuture<TransferOutcome> outcome = runUntilItVerifies(rig, plan);
            damage(device.path(), 24 * MIB);
            disk.faults();

            assertThat(outcome.get())
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.reason()).isEqualTo(FailureReason.VERIFY_FAILED));
            ResumeMap last = rig.durableMaps().getLast();
            assertThat(last.finished()).isEmpty();
            new Rig().complete(Rig.verifying(Rig.resuming(plan, last)));
            Disks.assertHolds(device.path(), DISK, raw);
        }
    }

    @Test
    void whatWasWrittenBeforeTheVerificationBrokeOffIsNotWrittenAgain() throws Exception {
        serve("raw");
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> outcome = runUntilItVerifies(rig, plan());
        rig.stop.raise();
        assertThat(outcome.get()).isInstanceOf(TransferOutcome.Stopped.class);
        disk.faults();

        Complete complete = new Rig().complete(Rig.verifying(plan()));

        assertThat(complete.writtenBytes()).isZero();
        Disks.assertHolds(volume.resolve("disk.img"), DISK, raw);
    }

    /** Returns the size of what is served. */
    private long serve(String source) throws IOException {
        Path image = directory.resolve("disk." + source);
        switch (source) {
            case "qcow2" -> Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image);
            case "compressed" -> Shell.run("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow2", raw, image);
            default -> Files.copy(raw, image);
        }
        ResourceSpec served = ResourceSpec.of(image).etag("\"v1\"");
        disk = server.add("/disk", source.equals("without ranges") ? served.withoutRanges() : served);
        return Files.size(image);
    }

    private TransferPlan plan() {
        return Rig.plan(server.url("/disk"), Rig.file(volume), DISK);
    }

    /** All of the image has been sent once, and a part of it for the second time. */
    private CompletableFuture<TransferOutcome> runUntilItVerifies(Rig rig, TransferPlan plan) {
        disk.faults(Fault.of(Kind.GATE).afterTotalBytes(IMAGE + MIB / 2));
        var outcome = CompletableFuture.supplyAsync(() -> rig.run(Rig.verifying(plan)));
        await().atMost(Duration.ofSeconds(60)).until(() -> disk.stats().held() > 0);
        return outcome;
    }

    /** Turns every bit of a byte over; returns what it was. */
    private static byte damage(Path disk, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.seek(at);
            byte was = file.readByte();
            file.seek(at);
            file.write(~was);
            file.getFD().sync();
            return was;
        }
    }
}
