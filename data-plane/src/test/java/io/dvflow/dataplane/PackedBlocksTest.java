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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A packed source that says where its blocks are is not read in order: blocks are work for all, and count one by one. */
class PackedBlocksTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 32 * MIB;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path raw;

    private Path volume;
    private Resource source;

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = directory.resolve("disk.raw");
        TestImages.random(raw, SIZE, 12);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createTempDirectory(directory, "volume");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xz", "zstd"})
    void severalAreFetchedAtTheSameTime(String packing) throws IOException {
        serve(packing);
        source.faults(Fault.of(Kind.GATE).afterTotalBytes(8 * MIB));
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan()));

        await().atMost(Duration.ofSeconds(60)).until(() -> source.stats().held() == 4);
        source.faults();

        assertThat(running.join()).isInstanceOf(Complete.class);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xz", "zstd"})
    void thoseThatAreDoneAreNotFetchedAgain(String packing) throws IOException {
        serve(packing);
        long length = Files.size(packed(packing));
        source.faults(Fault.of(Kind.GATE).afterTotalBytes(length / 2));
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan()));
        await().atMost(Duration.ofSeconds(60)).until(() -> source.stats().held() > 0 && rig.durableBytes() > SIZE / 4);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        source.faults();
        source.resetStats();
        ResumeMap done = rig.durableMaps().getLast();

        new Rig().complete(plan());

        assertThat(done.finished())
                .allSatisfy(range -> assertThat(range.offset() % MIB).isZero());
        assertThat(source.stats().bodyBytes())
                .as("what was missing, and four blocks that were not whole")
                .isLessThan(length / 2 + 6 * MIB);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void oneThatIsNotWhatItsCheckSaysDoesNotCount() throws IOException {
        byte[] harmed = Files.readAllBytes(packed("xz"));
        // In the check of a block: all of its bytes come, and only then it shows.
        harmed[startOfSecondBlock(packed("xz")) - 1] ^= 1;
        source = server.add("/disk", ResourceSpec.of(harmed).etag("\"harmed\""));
        Rig rig = new Rig();

        Failed failed = rig.failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.CORRUPT_IMAGE);
        assertThat(rig.durableMaps().getLast().finished()).noneMatch(range -> range.offset() < MIB);
        assertThat(new Rig().failed(plan()).reason()).isEqualTo(FailureReason.CORRUPT_IMAGE);
    }

    @Test
    void anImageThatJumpsTooMuchNeedsScratchSpace() throws IOException {
        Path qcow2 = scattered();
        Path packed = directory.resolve("scattered.zst");
        SeekableZstd.pack(qcow2, packed, 1 << 20);
        source = server.add("/disk", ResourceSpec.of(packed));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.reason()).isEqualTo(FailureReason.SCRATCH_REQUIRED);
        assertThat(failed.message()).contains("jumps to and fro");
        assertThat(failed.scratchBytes()).contains(Files.size(qcow2));
        Path scratch = Files.createTempDirectory(directory, "scratch");
        new Rig().complete(Rig.withScratch(plan(), scratch));
        Disks.assertHolds(
                volume.resolve("disk.img"),
                SIZE,
                TestImages.asQemuSeesIt(qcow2, "qcow2", directory.resolve("scattered.raw")));
    }

    @Test
    void anImageInBlocksThatAreTooLargeToBeKeptNeedsScratchSpace() throws IOException {
        long length = serveLargeQcow2("40MiB");

        Failed failed = new Rig().failed(Rig.plan(server.url("/disk"), Rig.file(volume), 80 * MIB));

        assertThat(failed.reason()).isEqualTo(FailureReason.SCRATCH_REQUIRED);
        assertThat(failed.scratchBytes()).contains(length);
        assertThat(failed.message()).contains("It takes " + length + " bytes");
    }

    @Test
    void twoBlocksAtATimeAreEnough() throws IOException {
        serveLargeQcow2("30MiB");

        new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(volume), 80 * MIB));

        Disks.assertHolds(volume.resolve("disk.img"), 80 * MIB, directory.resolve("large.raw"));
    }

    @Test
    void withAChecksumAnImageInBlocksIsUnpackedInOrder() throws IOException {
        serveLargeQcow2("30MiB");
        String sum = Shell.run("sha256sum", directory.resolve("large.xz")).split(" ")[0];
        TransferSource checked = Rig.checked(server.url("/disk"), "sha256:" + sum);

        new Rig().complete(Rig.plan(checked, Rig.file(volume), 80 * MIB));

        Disks.assertHolds(volume.resolve("disk.img"), 80 * MIB, directory.resolve("large.raw"));
        TransferSource other = Rig.checked(server.url("/disk"), "sha256:" + "0".repeat(64));
        Failed failed = new Rig().failed(Rig.plan(other, Rig.file(volume), 80 * MIB));
        assertThat(failed.reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(volume.resolve("disk.img")).doesNotExist();
    }

    /** Bytes of the image before it was packed. */
    private long serveLargeQcow2(String blockSize) throws IOException {
        Path large = directory.resolve("large.raw");
        Path qcow2 = directory.resolve("large.qcow2");
        Path packed = directory.resolve("large.xz");
        Shell.run("truncate", "-s", 80 * MIB, large);
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-S", "0", large, qcow2);
        Shell.run("bash", "-ec", "xz -0 -T2 --block-size=" + blockSize + " < " + qcow2 + " > " + packed);
        source = server.add("/disk", ResourceSpec.of(packed));
        return Files.size(qcow2);
    }

    @Test
    void aQcow2DiskOutOfBlocksFetchesEachOfThemOnce() throws IOException {
        Path qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-O", "qcow2", raw, qcow2);
        Path packed = directory.resolve("qcow2.xz");
        Shell.run("bash", "-ec", "xz -0 -T2 --block-size=3MiB < " + qcow2 + " > " + packed);
        source = server.add("/disk", ResourceSpec.of(packed));

        new Rig().complete(plan());

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        assertThat(source.stats().bodyBytes()).isLessThan(Files.size(packed) + 4 * MIB);
    }

    private TransferPlan plan() {
        return Rig.plan(server.url("/disk"), Rig.file(volume), SIZE);
    }

    private void serve(String packing) throws IOException {
        source = server.add("/disk", ResourceSpec.of(packed(packing)));
    }

    private static Path packed(String packing) throws IOException {
        Path packed = directory.resolve("disk." + packing);
        if (!Files.exists(packed) && packing.equals("zstd")) {
            SeekableZstd.pack(raw, packed, 1 << 20);
        } else if (!Files.exists(packed)) {
            Shell.run("bash", "-ec", "xz -0 -T2 --block-size=1MiB < " + raw + " > " + packed);
        }
        return packed;
    }

    /** As {@code xz} itself tells. */
    private static int startOfSecondBlock(Path xz) {
        return Shell.run("xz", "--robot", "--list", "-vv", xz)
                .lines()
                .map(line -> line.split("\t"))
                .filter(words -> words[0].equals("block") && words[2].equals("2"))
                .map(words -> Integer.parseInt(words[4]))
                .findFirst()
                .orElseThrow();
    }

    /** Small clusters all over the file. */
    private static Path scattered() throws IOException {
        Path qcow2 = directory.resolve("scattered.qcow2");
        Shell.run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", qcow2, SIZE);
        List<Integer> clusters = new ArrayList<>();
        for (int i = 0; i < SIZE / 4096; i++) {
            clusters.add(i);
        }
        Collections.shuffle(clusters, new Random(9));
        Path commands = directory.resolve("commands");
        List<String> lines = new ArrayList<>();
        for (int cluster : clusters) {
            lines.add("write -q -P " + (1 + cluster % 255) + " " + cluster * 4096L + " 4k");
        }
        Files.write(commands, lines);
        Shell.run("bash", "-ec", "qemu-io " + qcow2 + " < " + commands + " > /dev/null");
        return qcow2;
    }
}
