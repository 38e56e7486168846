package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A later attempt continues where the last one stood, wherever that is certain, and starts anew wherever it is not. */
class ResumeTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private FaultServer server;
    private Resource disk;
    private Path raw;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        server = FaultServer.start();
        raw = directory.resolve("disk.raw");
        TestImages.random(raw, SIZE, 31);
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** With the options for qemu-img. */
    static Stream<String> formats() {
        return Stream.of(
                "raw",
                "qcow2",
                "qcow",
                "vmdk",
                "vmdk -o subformat=streamOptimized",
                "vdi",
                "vpc -o force_size=on",
                "vpc -o subformat=fixed,force_size=on",
                "vhdx -o block_size=1M");
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aFileKnowsItselfWhatIsDone(String format) {
        serve(format, "\"v1\"");
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        ResumeMap done = stopHalfWay(plan);

        long fetchedTwice = resumeAndCount(plan, done);

        assertThat(fetchedTwice).isLessThan(6 * MIB);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(volume.resolve(".dvflow-journal.json")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2", "vmdk -o subformat=streamOptimized"})
    void forADeviceTheWorkerKnows(String format) throws IOException {
        serve(format, "\"v1\"");
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            TransferPlan plan = Rig.plan(server.url("/disk"), Rig.block(device), SIZE);
            ResumeMap done = stopHalfWay(plan);

            long fetchedTwice = resumeAndCount(Rig.resuming(plan, done), done);

            assertThat(fetchedTwice).isLessThan(6 * MIB);
            Disks.assertHolds(device.path(), SIZE, raw);
        }
    }

    @Test
    void aDeviceOfWhichNobodyKnowsIsFilledFromTheStart() throws IOException {
        serve("raw", "\"v1\"");
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            TransferPlan plan = Rig.plan(server.url("/disk"), Rig.block(device), SIZE);
            stopHalfWay(plan);

            Complete complete = new Rig().complete(plan);

            assertThat(complete.fetchedBytes()).isGreaterThanOrEqualTo(SIZE);
            Disks.assertHolds(device.path(), SIZE, raw);
        }
    }

    @Test
    void anotherSourceMeansAnotherDisk() throws IOException {
        serve("raw", "\"v1\"");
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        stopHalfWay(plan);
        Path other = directory.resolve("other.raw");
        TestImages.random(other, SIZE, 32);
        disk.serve(ResourceSpec.of(other).etag("\"v2\""));

        new Rig().complete(plan);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, other);
    }

    @Test
    void theWorkersMapForAnotherSourceCountsForNothing() throws IOException {
        serve("raw", "\"v1\"");
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            TransferPlan plan = Rig.plan(server.url("/disk"), Rig.block(device), SIZE);
            ResumeMap done = stopHalfWay(plan);
            Path other = directory.resolve("other.raw");
            TestImages.random(other, SIZE, 33);
            disk.serve(ResourceSpec.of(other).etag("\"v2\""));
            Rig rig = new Rig();

            rig.complete(Rig.resuming(plan, done));

            Disks.assertHolds(device.path(), SIZE, other);
            assertThat(rig.durableMaps().getFirst().finished())
                    .as("the old map is taken back before anything is written")
                    .isEmpty();
        }
    }

    @Test
    void theSameDateIsTheSameSourceWhereThereIsNoTag() {
        disk = server.add("/disk", dated(raw, "2026-01-01T00:00:00Z"));
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        ResumeMap done = stopHalfWay(plan);

        long fetchedTwice = resumeAndCount(plan, done);

        assertThat(fetchedTwice).isLessThan(6 * MIB);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void anotherDateMeansAnotherDisk() throws IOException {
        disk = server.add("/disk", dated(raw, "2026-01-01T00:00:00Z"));
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        stopHalfWay(plan);
        Path other = directory.resolve("other.raw");
        TestImages.random(other, SIZE, 34);
        disk.serve(dated(other, "2026-01-01T00:00:01Z"));

        Complete complete = new Rig().complete(plan);

        assertThat(complete.fetchedBytes()).isGreaterThanOrEqualTo(SIZE);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, other);
    }

    @Test
    void withoutValidatorsThereIsNothingToResumeFrom() throws IOException {
        disk = server.add("/disk", ResourceSpec.of(raw).withoutValidators());
        Rig rig = new Rig();
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        gateHalfWay();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> disk.stats().held() > 0);
        rig.stop.raise();
        disk.faults();

        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        assertThat(rig.notes()).anyMatch(note -> note.contains("the next one fetches everything again"));
        assertThat(rig.durableMaps()).isEmpty();
        assertThat(volume.resolve(".dvflow-journal.json")).doesNotExist();
        new Rig().complete(plan);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void whatTheLastAttemptHalfWroteIsNotTrusted() throws IOException {
        Path sparse = TestImages.raw(directory.resolve("sparse.raw"), SIZE, 77);
        disk = server.add("/disk", ResourceSpec.of(sparse));
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        ResumeMap done = stopHalfWay(plan);
        scribbleOverAllBut(done);

        new Rig().complete(plan);

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, sparse);
    }

    @Test
    void aFailedAttemptLeavesWhatItDidForTheNext() {
        serve("raw", "\"v1\"");
        TransferPlan plan = Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
        disk.faults(
                Fault.status(503).afterTotalBytes(SIZE / 2), Fault.of(Kind.DROP).afterBytes(4 * MIB));
        Rig first = new Rig();
        first.failed(plan);
        disk.faults();

        long fetchedTwice = resumeAndCount(plan, first.durableMaps().getLast());

        assertThat(fetchedTwice).isLessThan(6 * MIB);
    }

    /** The map that the stopped attempt reported last. */
    private ResumeMap stopHalfWay(TransferPlan plan) {
        gateHalfWay();
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> disk.stats().held() > 0 && rig.durableBytes() > SIZE / 4);
        rig.stop.raise();
        TransferOutcome outcome = running.join();
        // Responses to the one that has stopped would fill the sockets' buffers and be counted.
        server.dropConnections();
        disk.faults();
        assertThat(outcome).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    private void gateHalfWay() {
        disk.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE / 2));
    }

    /** Bytes fetched beyond those that were still missing. */
    private long resumeAndCount(TransferPlan plan, ResumeMap done) {
        disk.resetStats();
        new Rig().complete(plan);
        return disk.stats().bodyBytes() - (SIZE - done.finishedBytes());
    }

    private static ResourceSpec dated(Path image, String modified) {
        return ResourceSpec.of(image).withoutValidators().lastModified(Instant.parse(modified));
    }

    private void serve(String format, String etag) {
        List<String> words = List.of(format.split(" "));
        Path image = words.getFirst().equals("raw")
                ? raw
                : TestImages.image(
                        raw, words.getFirst(), directory.resolve("disk.image"), words.subList(1, words.size()));
        disk = server.add("/disk", ResourceSpec.of(image).etag(etag));
    }

    private void scribbleOverAllBut(ResumeMap done) throws IOException {
        List<ResumeMap.ByteRange> finished = done.finished();
        try (RandomAccessFile image =
                new RandomAccessFile(volume.resolve("disk.img").toFile(), "rw")) {
            for (long at = 0; at < SIZE; at += MIB) {
                long block = at;
                if (finished.stream().noneMatch(range -> range.offset() < block + MIB && range.end() > block)) {
                    image.seek(at);
                    image.write(new byte[] {1, 2, 3, 4});
                }
            }
        }
    }
}
