package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.Resource;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk in a layer is taken up in its middle: the archive, the compression and the digest of all bytes included. */
class RegistryResumeTest {

    private static final int MIB = 1 << 20;
    private static final int SIZE = 96 * MIB;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final byte[] disk = new byte[SIZE];
    private final FaultRegistry registry = new FaultRegistry();
    private ContainerImage image;
    private Resource layer;
    private Path volume;

    @BeforeEach
    void makeDisk() throws IOException {
        new Random(71).nextBytes(disk);
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"PLAIN", "GZIP"})
    void aFileIsTakenUpWhereItStood(Packing packing) throws IOException {
        push(packing);
        TransferPlan plan = plan(Rig.file(volume));
        ResumeMap done = stopHalfWay(plan);
        layer.resetStats();

        new Rig().complete(plan);

        assertThat(Files.mismatch(volume.resolve("disk.img"), Files.write(directory.resolve("wanted"), disk)))
                .isEqualTo(-1);
        long stored = image.blobs.get(image.layerDigest(0)).length;
        assertThat(layer.stats().bodyBytes())
                .as("of %d bytes, %d of the disk were in place", stored, done.finishedBytes())
                .isLessThan(stored - done.finishedBytes() + 40L * MIB);
    }

    /** As podman pushes images that may be pulled in parts (zstd:chunked). */
    @Test
    void aZstdLayerOfManyFramesIsTakenUpAtOneOfThem() throws IOException {
        Path plain = Files.write(directory.resolve("layer.tar"), tar());
        Path packed = directory.resolve("layer.tar.zst");
        SeekableZstd.pack(plain, packed, 4 * MIB);
        push(new ContainerImage().layer(Files.readAllBytes(packed), Packing.ZSTD.mediaType));
        TransferPlan plan = plan(Rig.file(volume));
        ResumeMap done = stopHalfWay(plan);
        layer.resetStats();

        new Rig().complete(plan);

        assertThat(Files.mismatch(volume.resolve("disk.img"), Files.write(directory.resolve("wanted"), disk)))
                .isEqualTo(-1);
        assertThat(layer.stats().bodyBytes())
                .as("%d bytes of the disk were in place", done.finishedBytes())
                .isLessThan(SIZE - done.finishedBytes() + 20L * MIB);
    }

    /** As docker pushes it: within a frame, nobody can go on. */
    @Test
    void aZstdLayerOfOneFrameIsFetchedAgainAndTheDiskIsRightAllTheSame() throws IOException {
        push(Packing.ZSTD);
        TransferPlan plan = plan(Rig.file(volume));
        layer.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE * 2L / 3));
        Rig first = new Rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> first.run(plan));
        await().atMost(PATIENCE).until(() -> layer.stats().held() > 0);
        first.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        layer.faults();
        layer.resetStats();

        new Rig().complete(plan);

        assertThat(Files.mismatch(volume.resolve("disk.img"), Files.write(directory.resolve("wanted"), disk)))
                .isEqualTo(-1);
        assertThat(layer.stats().bodyBytes()).isGreaterThanOrEqualTo(image.blobs.get(image.layerDigest(0)).length);
    }

    @Test
    void aDeviceIsTakenUpByTheWorkersMap() throws IOException {
        push(Packing.GZIP);
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            TransferPlan plan = plan(Rig.block(device));
            ResumeMap done = stopHalfWay(plan);
            layer.resetStats();

            new Rig().complete(Rig.resuming(plan, done));

            Disks.assertHolds(device.path(), SIZE, Files.write(directory.resolve("wanted"), disk));
            assertThat(layer.stats().bodyBytes()).isLessThan(SIZE - done.finishedBytes() + 40L * MIB);
        }
    }

    @Test
    void anotherImageUnderTheTagMeansAnotherDisk() throws IOException {
        push(Packing.GZIP);
        TransferPlan plan = plan(Rig.file(volume));
        stopHalfWay(plan);
        new Random(72).nextBytes(disk);
        push(Packing.GZIP);

        new Rig().complete(plan);

        assertThat(Files.mismatch(volume.resolve("disk.img"), Files.write(directory.resolve("wanted"), disk)))
                .isEqualTo(-1);
    }

    @Test
    void theDigestIsThatOfAllBytesThoseOfTheFirstAttemptIncluded() throws IOException {
        push(Packing.PLAIN);
        byte[] good = image.blobs.get(image.layerDigest(0));
        byte[] bad = good.clone();
        bad[MIB] ^= 1;
        registry.blob(image.layerDigest(0), bad);
        layer = registry.blob(image.layerDigest(0));
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            TransferPlan plan = plan(Rig.block(device));
            ResumeMap done = stopHalfWay(plan);
            registry.blob(image.layerDigest(0), good);
            Rig second = new Rig();

            Failed failed = second.failed(Rig.resuming(plan, done));
            new Rig().complete(Rig.resuming(plan, second.durableMaps().getLast()));

            assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
            Disks.assertHolds(device.path(), SIZE, Files.write(directory.resolve("wanted"), disk));
        }
    }

    private void push(Packing packing) {
        push(new ContainerImage().layer(tar(), packing));
    }

    private byte[] tar() {
        return new TestTar()
                .directory("disk/")
                .file("disk/disk.img", disk)
                .file("etc/after", Arrays.copyOf(disk, 100_000))
                .end();
    }

    private void push(ContainerImage made) {
        image = made;
        registry.push(image, "v1");
        layer = registry.blob(image.layerDigest(0));
    }

    private TransferPlan plan(TransferTarget target) {
        return Rig.plan(registry.source("v1"), target, SIZE);
    }

    /** The map that the stopped attempt reported last. */
    private ResumeMap stopHalfWay(TransferPlan plan) {
        layer.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE * 2L / 3));
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> layer.stats().held() > 0 && rig.durableBytes() > SIZE / 4);
        rig.stop.raise();
        TransferOutcome outcome = running.join();
        layer.faults();
        assertThat(outcome).isInstanceOf(TransferOutcome.Stopped.class);
        ResumeMap map = rig.durableMaps().getLast();
        assertThat(map.stream()).isPresent();
        return map;
    }
}
