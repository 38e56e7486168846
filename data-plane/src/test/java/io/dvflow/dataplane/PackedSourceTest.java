package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed sources, whatever is in them, become the disk that they hold. */
class PackedSourceTest {

    private static final long MIB = 1 << 20;
    private static final long VIRTUAL = 6 * MIB + 3 * 512;
    private static final long REQUESTED = 8 * MIB;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path raw;
    private static Path qcow2;
    private static final Map<Way, Path> packedBefore = new HashMap<>();

    /** A way to pack: the command reads its standard input. */
    record Way(String name, String format, String command) {
        static final String SEEKABLE_ZSTD = "see SeekableZstd";

        /** Whether what is in it can be read in any order. */
        boolean isSeekable() {
            return command.equals(SEEKABLE_ZSTD)
                    || command.contains("--block-size")
                    || command.contains("--xz-streams");
        }

        @Override
        public String toString() {
            return format + " " + name;
        }
    }

    static Stream<Way> ways() {
        return Stream.of("raw", "qcow2")
                .flatMap(format -> Stream.of(
                        new Way("gzip", format, "gzip"),
                        new Way("gzip members", format, "head -c 3000001 | gzip; tail -c +3000002 FILE | gzip"),
                        new Way("xz", format, "xz -1 -T1"),
                        new Way("xz in blocks", format, "xz -1 -T2 --block-size=1MiB"),
                        new Way("xz in uneven blocks", format, "xz -1 -T2 --block-size=300001"),
                        new Way("xz streams", format, "split -b 1000001 --filter='xz -1' - # --xz-streams"),
                        new Way("seekable zstd", format, Way.SEEKABLE_ZSTD),
                        new Way("zstd", format, "zstd -q"),
                        new Way("zstd --long", format, "zstd -q --long=27"),
                        new Way("zstd frames", format, "split -b 1000001 --filter='zstd -q' -"),
                        new Way("gzip in xz", format, "gzip | xz -1"),
                        new Way("xz in zstd in gzip", format, "xz -1 | zstd -q | gzip")));
    }

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), VIRTUAL, 42);
        qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void toAFile(Way way) throws IOException {
        Path volume = Files.createTempDirectory(directory, "volume");
        Path scratch = Files.createTempDirectory(directory, "scratch");

        Complete complete = new Rig().complete(plan(way, Rig.file(volume), scratch));

        assertThat(complete.format()).isEqualTo(way.format);
        assertThat(complete.diskBytes()).isEqualTo(REQUESTED);
        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, raw);
        assertThat(files(volume)).containsExactly("disk.img");
        assertThat(files(scratch)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void toADeviceFullOfOldData(Way way) throws IOException {
        Path backing = Files.createTempFile(directory, "backing", "");
        Path scratch = Files.createTempDirectory(directory, "scratch");
        try (LoopDevice device = LoopDevice.fullOfOldData(backing, REQUESTED + 2 * MIB)) {
            new Rig().complete(plan(way, Rig.block(device), scratch));

            Disks.assertHolds(device.path(), REQUESTED + 2 * MIB, raw);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "xz -1"})
    void fromAServerWithoutRanges(String command) throws IOException {
        Path packed = pack(new Way("", "raw", command));
        Resource resource = server.add("/no-ranges", ResourceSpec.of(packed).withoutRanges());
        Path volume = Files.createTempDirectory(directory, "volume");

        Complete complete = new Rig().complete(Rig.plan(server.url("/no-ranges"), Rig.file(volume), REQUESTED));

        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, raw);
        assertThat(resource.stats().requests())
                .as("a look at the beginning, and one pass")
                .isEqualTo(2);
        assertThat(complete.fetchedBytes()).isLessThanOrEqualTo(Files.size(packed) + (64 << 10));
    }

    @Test
    void aBeginningThatTakesASecondLook() throws IOException {
        Path noise = directory.resolve("noise");
        TestImages.random(noise, 2 * MIB, 3);
        Path packed = directory.resolve("noise.zst");
        Shell.run("bash", "-ec", "zstd -q --no-progress < " + noise + " > " + packed);
        server.add("/noise", ResourceSpec.of(packed).withoutRanges());
        Path volume = Files.createTempDirectory(directory, "volume");

        new Rig().complete(Rig.plan(server.url("/noise"), Rig.file(volume), REQUESTED));

        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, noise);
    }

    /** As qemu-img ends it; gzip does not say how long it is, and scratch space leaves such zeros out. */
    @Test
    void anImageThatEndsInZeros() throws IOException {
        Path image = directory.resolve("ends-in-zeros.vmdk");
        TestImages.image(raw, "vmdk", image, List.of("-o", "subformat=streamOptimized"));
        Path packed = directory.resolve("ends-in-zeros.vmdk.gz");
        Shell.run("sh", "-c", "gzip -1 < " + image + " > " + packed);
        server.add("/ends-in-zeros", ResourceSpec.of(packed));
        Path volume = Files.createTempDirectory(directory, "volume");
        Path scratch = Files.createTempDirectory(directory, "scratch");

        new Rig()
                .complete(
                        Rig.withScratch(Rig.plan(server.url("/ends-in-zeros"), Rig.file(volume), REQUESTED), scratch));

        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, raw);
    }

    @Test
    void theSameAgainIsAStepTooFar() throws IOException {
        Way way = new Way("", "raw", "gzip | xz -1 | gzip");

        Failed failed = new Rig().failed(plan(way, Rig.file(Files.createTempDirectory(directory, "volume"))));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNSUPPORTED_FORMAT);
        assertThat(failed.message()).contains("packed with gzip more than once");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bzip2", "lz4"})
    void whatIsNotReadIsNamedWithTheWayOut(String command) throws IOException {
        byte[] bytes = command.equals("bzip2") ? new byte[] {'B', 'Z', 'h', '9'} : new byte[] {4, 0x22, 0x4d, 0x18};
        server.add("/not-read", ResourceSpec.of(bytes));

        Failed failed = new Rig()
                .failed(Rig.plan(
                        server.url("/not-read"), Rig.file(Files.createTempDirectory(directory, "volume")), REQUESTED));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNSUPPORTED_FORMAT);
        assertThat(failed.message()).contains(command).contains("gzip, xz or zstd");
    }

    private static TransferPlan plan(Way way, TransferTarget target, Path scratch) throws IOException {
        return way.isSeekable() ? plan(way, target) : Rig.withScratch(plan(way, target), scratch);
    }

    private static TransferPlan plan(Way way, TransferTarget target) throws IOException {
        Path packed = pack(way);
        server.add("/" + packed.getFileName(), ResourceSpec.of(packed));
        return Rig.plan(server.url("/" + packed.getFileName()), target, REQUESTED);
    }

    private static synchronized Path pack(Way way) throws IOException {
        Path known = packedBefore.get(way);
        if (known != null) {
            return known;
        }
        Path image = way.format.equals("raw") ? raw : qcow2;
        Path packed = Files.createTempFile(directory, "packed", "");
        if (way.command.equals(Way.SEEKABLE_ZSTD)) {
            SeekableZstd.pack(image, packed, 1_000_003);
        } else {
            String command = way.command.replace("FILE", image.toString());
            Shell.run("bash", "-ec", "{ " + command + "\n } < " + image + " > " + packed);
        }
        packedBefore.put(way, packed);
        return packed;
    }

    private static List<String> files(Path volume) throws IOException {
        try (Stream<Path> files = Files.list(volume)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
