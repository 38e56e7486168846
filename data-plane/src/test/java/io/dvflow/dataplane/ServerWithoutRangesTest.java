package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One pass over what cannot be read twice, and an end that is proved. */
class ServerWithoutRangesTest {

    /** No multiple of a sector. */
    private static final long LENGTH = (5 << 20) + 700;

    private static final long REQUESTED = 8 << 20;

    @TempDir
    Path directory;

    private FaultServer server;
    private Resource disk;
    private Path raw;

    @BeforeEach
    void serve() throws IOException {
        raw = TestImages.raw(directory.resolve("disk.raw"), LENGTH, 5);
        server = FaultServer.start();
        disk = server.add("/disk", ResourceSpec.of(raw).withoutRanges());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aRawDiskComesInOnePass() throws IOException {
        Complete complete = new Rig().complete(plan());

        Disks.assertHolds(image(), REQUESTED, raw);
        assertThat(disk.stats().requests()).isEqualTo(2);
        assertThat(complete.fetchedBytes()).isEqualTo(LENGTH + (64 << 10));
    }

    @Test
    void aDeviceEndsWithTheDiskAndThenZeros() throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), REQUESTED)) {
            new Rig().complete(Rig.plan(server.url("/disk"), Rig.block(device), REQUESTED));

            Disks.assertHolds(device.path(), REQUESTED, raw);
        }
    }

    @Test
    void aBrokenConnectionMeansStartingOverInsideThePod() {
        disk.faults(Fault.of(Kind.DROP).afterBytes(3 << 20).skip(1).times(2));
        Rig rig = new Rig();

        rig.complete(plan());

        Disks.assertHolds(image(), REQUESTED, raw);
        assertThat(rig.notes()).anyMatch(note -> note.contains("starting from the first byte again"));
    }

    @Test
    void howMuchAnInterruptionWouldCostIsSaidWhileTheStreamStillRuns() throws IOException {
        Resource large = server.add(
                "/large",
                ResourceSpec.of(TestImages.raw(directory.resolve("large.raw"), 100 << 20, 6))
                        .withoutRanges());
        // What the first look leaves in the buffers of its connection counts, too.
        large.faults(Fault.of(Kind.GATE).afterTotalBytes(90 << 20));
        Rig rig = new Rig();
        var running = CompletableFuture.supplyAsync(
                () -> rig.complete(Rig.plan(server.url("/large"), Rig.file(directory), 100 << 20)));

        await().atMost(Duration.ofSeconds(60))
                .until(
                        () -> rig.notes().stream()
                                .anyMatch(
                                        note -> note.startsWith(
                                                "The server answers no range requests: after an interruption all bytes are fetched again")));
        large.faults();
        running.join();
    }

    @Test
    void chunksProveTheEnd() {
        disk.faults(Fault.of(Kind.CHUNKED));

        new Rig().complete(plan());

        Disks.assertHolds(image(), REQUESTED, raw);
    }

    @Test
    void chunksWithoutTheLastOneDoNot() {
        disk.faults(Fault.of(Kind.CHUNKED_CUT).afterBytes(3 << 20));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.TRUNCATED);
    }

    @Test
    void trailersWithoutEndAreNoEndOfFile() {
        disk.faults(Fault.of(Kind.ENDLESS_TRAILERS));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.TRUNCATED);
        assertThat(failed.message()).contains("chunked encoding is broken");
    }

    @Test
    void anEndOfConnectionIsNoEndOfFile() {
        disk.faults(Fault.of(Kind.NO_LENGTH_CUT).afterBytes(3 << 20));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.LENGTH_UNKNOWN);
        assertThat(image()).doesNotExist();
    }

    @Test
    void aLengthThatIsNeverReachedIsNotBelieved() {
        disk.faults(Fault.of(Kind.WRONG_LENGTH).delta(1024));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.TRUNCATED);
    }

    @Test
    void aLengthThatIsExceededIsNotBelieved() {
        disk.faults(Fault.of(Kind.WRONG_LENGTH).delta(-1024));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.REFUSED_BY_SERVER);
        assertThat(failed.message()).contains("sent more than that");
    }

    @Test
    void chunksThatNeverEndStopAtTheSizeOfTheDisk() throws IOException {
        Path small = Files.createDirectory(directory.resolve("small"));
        disk.faults(Fault.of(Kind.CHUNKED));

        Failed failed = new Rig().failed(Rig.plan(server.url("/disk"), Rig.file(small), 4 << 20));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.message()).contains("is larger than the reported available");
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "qcow", "vmdk", "vdi", "vpc", "vhdx"})
    void aDiskWithTablesNeedsScratchSpaceAndSaysHowMuch(String format) throws IOException {
        Path image = serveWithoutRanges(format);

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.SCRATCH_REQUIRED);
        assertThat(failed.scratchBytes()).contains(Files.size(image));
        assertThat(failed.message())
                .contains("Scratch space required and none found")
                .contains("range requests");
        assertThat(image()).doesNotExist();
    }

    /** Whose footer is at the end, where nobody can look in advance. CDI always takes it for a part of the disk. */
    @Test
    void aFixedVirtualHardDiskComesWithItsFooter() throws IOException {
        Path image = TestImages.image(raw, "vpc", directory.resolve("disk.vhd"), List.of("-o", "subformat=fixed"));
        disk.serve(ResourceSpec.of(image).withoutRanges());

        new Rig().complete(plan());

        Disks.assertHolds(image(), REQUESTED, image);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "qcow", "vmdk", "vdi", "vhdx"})
    void aDiskWithTablesComesByWayOfScratchSpace(String format) throws IOException {
        serveWithoutRanges(format);
        Path scratch = Files.createDirectory(directory.resolve("scratch"));

        new Rig().complete(Rig.withScratch(plan(), scratch));

        Disks.assertHolds(image(), REQUESTED, raw);
        assertThat(scratch).isEmptyDirectory();
    }

    /** Four times as large as the target, so that what sockets swallow does not look like a part of the image. */
    @ParameterizedTest
    @ValueSource(strings = {"qcow2", "qcow", "vmdk", "vmdk -o subformat=streamOptimized", "vdi", "vpc"})
    void aDiskThatIsTooLargeByItsHeadIsNotFetched(String format) throws IOException {
        Path image = serveTooLarge(format);
        Path scratch = Files.createDirectory(directory.resolve("scratch"));

        Failed failed = new Rig().failed(Rig.withScratch(plan(), scratch));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.message()).contains("virtual image size").contains("is larger than the reported available");
        assertThat(disk.stats().requests()).isEqualTo(1);
        assertThat(disk.stats().bodyBytes()).isLessThan(Files.size(image) / 2);
        assertThat(scratch).isEmptyDirectory();
        assertThat(image()).doesNotExist();
    }

    /** Its size stands in its footer, which comes last; but so much at least its length says. */
    @Test
    void aFixedVirtualHardDiskIsTooLargeByItsLength() throws IOException {
        Path image = serveTooLarge("vpc -o subformat=fixed");

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(disk.stats().bodyBytes()).isLessThan(Files.size(image) / 2);
    }

    /** Whose size lies behind its first megabyte, where a first look does not go. */
    @Test
    void aHyperVDiskIsTooLargeOnceItIsInScratchSpace() throws IOException {
        serveTooLarge("vhdx");
        Path scratch = Files.createDirectory(directory.resolve("scratch"));

        Failed failed = new Rig().failed(Rig.withScratch(plan(), scratch));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(image()).doesNotExist();
    }

    private Path serveTooLarge(String format) throws IOException {
        List<String> words = List.of(format.split(" "));
        Path large = directory.resolve("large.raw");
        TestImages.random(large, 4 * REQUESTED, 6);
        Path image = TestImages.image(
                large, words.getFirst(), directory.resolve("large.image"), words.subList(1, words.size()));
        disk.serve(ResourceSpec.of(image).withoutRanges());
        return image;
    }

    private Path serveWithoutRanges(String format) {
        Path image = TestImages.image(raw, format, directory.resolve("disk.image"), List.of());
        disk.serve(ResourceSpec.of(image).withoutRanges());
        return image;
    }

    private TransferPlan plan() {
        return Rig.plan(server.url("/disk"), Rig.file(directory), REQUESTED);
    }

    private Path image() {
        return directory.resolve("disk.img");
    }
}
