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
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every byte of a preallocated disk has its place, wherever the image came from; counted as the file system counts. */
class PreallocationTest {

    private static final long MIB = 1 << 20;
    private static final long VIRTUAL = 20 * MIB + 3 * 512;
    private static final long REQUESTED = 24 * MIB;

    @TempDir
    static Path shared;

    private static FaultServer server;
    private static Path raw;

    @TempDir
    Path directory;

    private Path volume;

    /** How a source comes: the ways through the program that write disks differ. */
    enum Way {
        RAW,
        QCOW2,
        QCOW2_COMPRESSED,
        STREAM_OPTIMIZED_VMDK,
        RAW_WITHOUT_RANGES,
        QCOW2_BY_SCRATCH_SPACE,
        GZIP,
        RAW_WITH_CHECKSUM,
        BLANK
    }

    /** A file system, and whether it can allocate without writing. */
    enum Volume {
        EXT4,
        /** Has no fallocate. */
        EXT2;

        List<String> maker() {
            return switch (this) {
                case EXT4 -> List.of("mkfs.ext4", "-q", "-O", "^has_journal");
                case EXT2 -> List.of("mkfs.ext2", "-q");
            };
        }
    }

    record Row(Way way, Volume volume) {}

    static Stream<Row> rows() {
        return Stream.of(Way.values()).flatMap(way -> Stream.of(Volume.values()).map(volume -> new Row(way, volume)));
    }

    @BeforeAll
    static void serve() throws IOException {
        LoopDevice.assumeLoopDevices();
        server = FaultServer.start();
        raw = TestImages.raw(shared.resolve("disk.raw"), VIRTUAL, 77);
        server.add("/raw", ResourceSpec.of(raw).etag("\"v1\""));
        server.add("/no-ranges", ResourceSpec.of(raw).withoutRanges());
        image("qcow2", "qcow2");
        image("packed-qcow2", "qcow2", "-c");
        image("vmdk", "vmdk", "-o", "subformat=streamOptimized");
        server.add("/qcow2-no-ranges", ResourceSpec.of(shared.resolve("qcow2")).withoutRanges());
        Shell.run("gzip", "-k", raw);
        server.add("/gzip", ResourceSpec.of(shared.resolve("disk.raw.gz")));
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void volume() throws IOException {
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aFileHasAllItsBlocks(Row row) throws IOException {
        try (LoopMount _ = mount(row.volume, 40)) {
            TransferPlan plan = Rig.preallocating(planned(row.way, Rig.file(volume)));

            Complete complete = new Rig().complete(plan);

            assertThat(complete.message()).isEqualTo("Import Complete, Preallocation applied");
            assertThat(complete.preallocationApplied()).isTrue();
            assertThat(allocated(disk())).isGreaterThanOrEqualTo(REQUESTED);
            assertHolds(row.way, disk());
        }
    }

    /** What stands for a thin volume is the file behind the device. */
    @ParameterizedTest
    @EnumSource(Way.class)
    void aDeviceHasAllItsBlocks(Way way) throws IOException {
        Path backing = directory.resolve("backing");
        try (LoopDevice device = LoopDevice.empty(backing, REQUESTED)) {
            new Rig().complete(Rig.preallocating(planned(way, Rig.block(device))));

            assertThat(allocated(backing)).isGreaterThanOrEqualTo(REQUESTED);
            assertHolds(way, device.path());
        }
    }

    @Test
    void withoutItFilesAndDevicesStayThin() throws IOException {
        Path backing = directory.resolve("backing");
        try (LoopDevice device = LoopDevice.empty(backing, REQUESTED)) {
            Complete complete = new Rig().complete(planned(Way.QCOW2, Rig.file(volume)));
            new Rig().complete(planned(Way.QCOW2, Rig.block(device)));

            assertThat(complete.message()).isEqualTo("Import Complete");
            assertThat(allocated(disk())).isLessThan(VIRTUAL);
            assertThat(allocated(backing)).isLessThan(VIRTUAL);
        }
    }

    @ParameterizedTest
    @EnumSource(Volume.class)
    void whatIsResumedIsAllocatedToo(Volume kind) throws IOException {
        try (LoopMount _ = mount(kind, 40);
                FaultServer slow = FaultServer.start()) {
            Resource served = slow.add("/raw", ResourceSpec.of(raw).etag("\"v1\""));
            served.faults(Fault.of(Kind.GATE).afterTotalBytes(10 * MIB));
            TransferPlan plan = Rig.preallocating(Rig.plan(slow.url("/raw"), Rig.file(volume), REQUESTED));
            ResumeMap done = stopHalfWay(plan, served);
            served.faults();

            Rig second = new Rig();
            second.complete(Rig.resuming(plan, done));

            assertThat(second.notes()).anyMatch(note -> note.startsWith("Resuming: "));
            assertThat(allocated(disk())).isGreaterThanOrEqualTo(REQUESTED);
            Disks.assertHolds(disk(), REQUESTED, raw);
        }
    }

    @Test
    void aVolumeThatIsTooSmallIsSaidSoWithTheNumbersBeforeAByteIsFetched() throws IOException {
        try (LoopMount _ = mount(Volume.EXT4, 40)) {
            // Free to the last byte, but not for the tables that name so many blocks.
            long free = Files.getFileStore(volume).getUsableSpace();
            Resource served = server.add("/raw", ResourceSpec.of(raw).etag("\"v1\""));

            Failed failed = new Rig().failed(Rig.preallocating(Rig.plan(server.url("/raw"), Rig.file(volume), free)));

            assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
            assertThat(failed.message())
                    .contains("DataVolume too small to contain image")
                    .contains("the disk is to have " + free + " bytes, " + free + " bytes are free");
            assertThat(served.stats().bodyBytes()).isLessThan(128 << 10);
        }
    }

    private static void image(String name, String format, String... options) throws IOException {
        Path image = TestImages.image(raw, format, shared.resolve(name), List.of(options));
        server.add("/" + name, ResourceSpec.of(image).etag("\"v1\""));
    }

    private TransferPlan planned(Way way, TransferTarget target) throws IOException {
        return switch (way) {
            case RAW -> Rig.plan(server.url("/raw"), target, REQUESTED);
            case QCOW2 -> Rig.plan(server.url("/qcow2"), target, REQUESTED);
            case QCOW2_COMPRESSED -> Rig.plan(server.url("/packed-qcow2"), target, REQUESTED);
            case STREAM_OPTIMIZED_VMDK -> Rig.plan(server.url("/vmdk"), target, REQUESTED);
            case RAW_WITHOUT_RANGES -> Rig.plan(server.url("/no-ranges"), target, REQUESTED);
            case QCOW2_BY_SCRATCH_SPACE ->
                Rig.withScratch(
                        Rig.plan(server.url("/qcow2-no-ranges"), target, REQUESTED),
                        Files.createDirectory(directory.resolve("scratch")));
            case GZIP -> Rig.plan(server.url("/gzip"), target, REQUESTED);
            case RAW_WITH_CHECKSUM ->
                Rig.plan(Rig.checked(server.url("/raw"), "sha256:" + sha256(raw)), target, REQUESTED);
            case BLANK -> Rig.plan(new TransferSource.Blank(), target, REQUESTED);
        };
    }

    private static void assertHolds(Way way, Path disk) throws IOException {
        Path expected = way == Way.BLANK ? Path.of("/dev/null") : raw;
        Disks.assertHolds(disk, REQUESTED, expected);
    }

    private static ResumeMap stopHalfWay(TransferPlan plan, Resource served) {
        Rig rig = new Rig();
        var running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(Duration.ofSeconds(60)).until(() -> served.stats().held() > 0 && rig.durableBytes() > 4 * MIB);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    private static String sha256(Path file) {
        return Shell.run("sha256sum", file).substring(0, 64);
    }

    private Path disk() {
        return volume.resolve("disk.img");
    }

    private static long allocated(Path file) {
        return Long.parseLong(Shell.run("stat", "-c", "%b", file).strip()) * 512;
    }

    private LoopMount mount(Volume kind, int mebibytes) {
        String[] maker =
                Stream.concat(kind.maker().stream(), Stream.of("-m", "0")).toArray(String[]::new);
        return LoopMount.of(directory.resolve("filesystem"), mebibytes, volume, maker);
    }
}
