package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read in order is taken up by a later attempt where the last one stood, unpacked and hashed as it may be. */
class StreamResumeTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 40 * MIB;
    /** Distance of the marks, what is fetched ahead over one connection, and what lies between the threads. */
    private static final long TWICE_AT_MOST = 12 * MIB;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path raw;

    private Resource source;
    private long length;
    private Path volume;

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = directory.resolve("disk.raw");
        TestImages.random(raw, SIZE, 31);
        // Holes, so that there is something to be packed, and something that must not be taken for finished.
        try (RandomAccessFile disk = new RandomAccessFile(raw.toFile(), "rw")) {
            byte[] text = "All work and no play. ".repeat(30_000).getBytes(StandardCharsets.US_ASCII);
            for (long at = 3 * MIB; at < SIZE; at += 5 * MIB) {
                disk.seek(at);
                disk.write(text);
                disk.write(new byte[300_000]);
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createTempDirectory(directory, "volume");
    }

    static Stream<Arguments> packings() {
        return Stream.of("gzip -1", "xz -0 -T2 --block-size=1MiB | cat", "split -b 900001 --filter='zstd -q' -")
                .flatMap(command -> Stream.of(10, 50, 90).map(percent -> Arguments.of(command, percent)));
    }

    @ParameterizedTest
    @MethodSource("packings")
    void aPackedStream(String command, int percent) {
        serve(packed(command));
        TransferPlan plan = plan(Optional.empty());
        stopAt(plan, length * percent / 100);

        Complete complete = resume(plan, length * (100 - percent) / 100);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(complete.format()).isEqualTo("raw");
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5", "sha1", "sha256", "sha512"})
    void aDigest(String algorithm) {
        serve(raw);
        TransferPlan plan = plan(Optional.of(sum(algorithm, raw)));
        stopAt(plan, SIZE / 2);

        resume(plan, SIZE / 2);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 50, 90})
    void aDigestOverAPackedStream(int percent) {
        Path packed = packed("gzip -1");
        serve(packed);
        TransferPlan plan = plan(Optional.of(sum("sha256", packed)));
        stopAt(plan, length * percent / 100);

        resume(plan, length * (100 - percent) / 100);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void aMismatchIsAsFinalAsEver() {
        Path packed = packed("gzip -1");
        serve(packed);
        TransferPlan plan = plan(Optional.of("sha256:" + "0".repeat(64)));
        stopAt(plan, length / 2);

        Failed failed = rig().failed(plan);

        assertThat(failed.reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.FINAL);
        assertThat(volume.resolve("disk.img")).doesNotExist();
    }

    @Test
    void aDeviceOfWhichTheWorkerKnows() throws IOException {
        serve(packed("gzip -1"));
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            TransferPlan plan = Rig.plan(server.url("/disk"), Rig.block(device), SIZE);
            ResumeMap done = stopAt(plan, length / 2).durableMaps().getLast();

            resume(Rig.resuming(plan, done), length / 2);

            Disks.assertHolds(device.path(), SIZE, raw);
        }
    }

    static Stream<Arguments> images() {
        return Stream.of(
                        List.of("qcow2"),
                        List.of("qcow2", "-c"),
                        List.of("qcow2", "-c", "-o", "compression_type=zstd"),
                        List.of("vmdk"),
                        List.of("vmdk", "-o", "subformat=streamOptimized"),
                        List.of("vdi"),
                        List.of("vhdx"))
                .flatMap(image -> Stream.of(10, 50, 90).map(percent -> Arguments.of(image, percent)));
    }

    @ParameterizedTest
    @MethodSource("images")
    void aDigestOverAnImageWithTables(List<String> format, int percent) {
        Path image =
                TestImages.image(raw, format.getFirst(), volume.resolve("served"), format.subList(1, format.size()));
        serve(image);
        TransferPlan plan = plan(Optional.of(sum("sha256", image)));
        stopAt(plan, length * percent / 100);

        resume(plan, length * (100 - percent) / 100);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void tablesThatHaveChangedUnderTheSameTagMeanStartingOver() throws IOException {
        // The same disk, with its clusters in other places.
        Path other = directory.resolve("other-order.qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-o", "cluster_size=128k", raw, other);
        Path first = padded(qcow2());
        Path second = padded(other);
        serve(first);
        stopAt(plan(Optional.of(sum("sha256", first))), length / 2);
        source.serve(ResourceSpec.of(second).etag(source.spec().etag().orElseThrow()));

        rig().complete(plan(Optional.of(sum("sha256", second))));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void aMismatchOfAQcow2DiskIsFinalAfterAResumeToo() {
        serve(qcow2());
        TransferPlan plan = plan(Optional.of("sha256:" + "0".repeat(64)));
        stopAt(plan, length / 2);

        assertThat(rig().failed(plan).reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(volume.resolve("disk.img")).doesNotExist();
    }

    @Test
    void aSourceOnItsWayToScratchSpace() throws IOException {
        Path packed = packedQcow2();
        serve(packed);
        Path scratch = Files.createTempDirectory(directory, "scratch");
        TransferPlan plan = Rig.withScratch(plan(Optional.of(sum("sha1", packed))), scratch);
        Rig first = stopAt(plan, length / 2);

        resume(plan, length / 2);

        assertThat(first.durableMaps())
                .as("what is in scratch space is no part of the disk")
                .allSatisfy(map -> assertThat(map.finished()).isEmpty());
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aSourceThatIsInScratchSpaceAlready() throws IOException {
        serve(packedQcow2());
        Path scratch = Files.createTempDirectory(directory, "scratch");
        TransferPlan plan = Rig.withScratch(plan(Optional.empty()), scratch);
        Rig first = rig();
        first.listener = report -> {
            if (report instanceof TransferReport.Progress progress && progress.phase() == TransferPhase.COPY) {
                first.stop.raise();
            }
        };
        assertThat(first.run(plan)).isInstanceOf(TransferOutcome.Stopped.class);
        source.resetStats();

        rig().complete(plan);

        assertThat(source.stats().bodyBytes()).as("no more than the first look").isLessThanOrEqualTo(64 << 10);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void anotherSourceMakesScratchSpaceStartOver() throws IOException {
        serve(packedQcow2());
        Path scratch = Files.createTempDirectory(directory, "scratch");
        TransferPlan plan = Rig.withScratch(plan(Optional.empty()), scratch);
        stopAt(plan, length / 2);
        Path other = directory.resolve("other.raw");
        TestImages.random(other, SIZE, 5);
        Path otherQcow2 = directory.resolve("other.qcow2");
        Shell.run("qemu-img", "convert", "-O", "qcow2", other, otherQcow2);
        source.serve(ResourceSpec.of(pack("gzip -1", otherQcow2)).etag("\"other\""));

        rig().complete(plan);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, other);
    }

    @Test
    void aServerWithoutRangesSendsAllOfItAgainButNothingIsWrittenTwice() {
        Path packed = packed("gzip -1");
        source = server.add("/disk", ResourceSpec.of(packed).withoutRanges());
        length = packed.toFile().length();
        TransferPlan plan = plan(Optional.of(sum("sha256", packed)));
        stopAt(plan, length / 2);

        Complete complete = rig().complete(plan);

        assertThat(complete.writtenBytes()).isLessThan(SIZE * 3 / 4);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void inThePodItselfTooNothingIsWrittenTwice() {
        Path packed = packed("gzip -1");
        source = server.add("/disk", ResourceSpec.of(packed).withoutRanges());
        length = packed.toFile().length();
        source.faults(Fault.of(Kind.DROP).afterBytes(length * 3 / 4).skip(1).times(2));

        Complete complete = rig().complete(plan(Optional.of(sum("sha256", packed))));

        assertThat(complete.fetchedBytes()).isGreaterThan(length * 2);
        assertThat(complete.writtenBytes()).isLessThan(SIZE + 8 * MIB);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void whatCanOnlyStartOverSaysSoAndDoes() {
        serve(packed("xz -0 -T1"));
        TransferPlan plan = plan(Optional.empty());
        Rig first = stopAt(plan, length / 2);
        source.resetStats();

        rig().complete(plan);

        assertThat(first.durableMaps().getLast().stream().map(Mark::position)).contains(0L);
        assertThat(source.stats().bodyBytes()).isGreaterThanOrEqualTo(length);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DROP", "STALL", "RESET"})
    void troubleOnTheWayIsRiddenOutInsideThePod(Kind trouble) {
        Path packed = packed("gzip -1");
        serve(packed);
        source.faults(Fault.of(trouble).afterBytes(300_000).skip(3).times(4));

        oftenMarked(Rig.impatient()).complete(plan(Optional.of(sum("sha256", packed))));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    private static Rig rig() {
        return oftenMarked(new Rig());
    }

    private static Rig oftenMarked(Rig rig) {
        return rig.with(settings ->
                new TransferSettings(1, settings.http(), settings.environment(), new MarkDistance(MIB, 2 * MIB)));
    }

    private TransferPlan plan(Optional<String> checksum) {
        String url = server.url("/disk");
        return Rig.plan(checksum.map(sum -> Rig.checked(url, sum)).orElse(Rig.http(url)), Rig.file(volume), SIZE);
    }

    private void serve(Path file) {
        source = server.add("/disk", ResourceSpec.of(file));
        length = file.toFile().length();
    }

    /** Stops an attempt after so many bytes, when what they are good for has been done as far as possible. */
    private Rig stopAt(TransferPlan plan, long bytes) {
        source.faults(Fault.of(Kind.GATE).afterTotalBytes(bytes));
        Rig rig = rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        // Without ranges, what a server has sent after the first look is lost between the sockets.
        long lost = source.spec().ranges() ? 0 : 6 * MIB;
        await().atMost(PATIENCE).until(() -> source.stats().held() > 0 && fetched(rig) >= bytes - lost);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        source.faults();
        return rig;
    }

    private static long fetched(Rig rig) {
        return rig.reports.stream()
                .filter(TransferReport.Progress.class::isInstance)
                .mapToLong(report -> ((TransferReport.Progress) report).fetchedBytes())
                .max()
                .orElse(0);
    }

    /** @param missing bytes of the source that the first attempt has not seen */
    private Complete resume(TransferPlan plan, long missing) {
        source.resetStats();
        Complete complete = rig().complete(plan);
        assertThat(source.stats().bodyBytes() - missing)
                .as("bytes fetched twice")
                .isLessThan(TWICE_AT_MOST);
        return complete;
    }

    /** What follows the end of an image is no part of it. */
    private static Path padded(Path image) throws IOException {
        Path padded = Files.copy(image, directory.resolve("padded-" + image.getFileName()));
        try (RandomAccessFile file = new RandomAccessFile(padded.toFile(), "rw")) {
            file.setLength(SIZE + 2 * MIB);
        }
        return padded;
    }

    private static Path packed(String command) {
        return pack(command, raw);
    }

    private static Path packedQcow2() {
        return pack("gzip -1", qcow2());
    }

    private static Path qcow2() {
        Path qcow2 = directory.resolve("disk.qcow2");
        if (!Files.exists(qcow2)) {
            Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
        }
        return qcow2;
    }

    private static Path pack(String command, Path file) {
        Path packed = directory.resolve(file.getFileName() + "-" + Integer.toHexString(command.hashCode()));
        if (!Files.exists(packed)) {
            Shell.run("bash", "-ec", "{ " + command + "; } < " + file + " > " + packed);
        }
        return packed;
    }

    private static String sum(String algorithm, Path file) {
        return algorithm + ":" + Shell.run(algorithm + "sum", file).split(" ")[0];
    }
}
