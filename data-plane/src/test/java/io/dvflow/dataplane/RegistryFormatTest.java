package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a disk in a container image is stored as is found out as it is for any other source. */
class RegistryFormatTest {

    private static final long SIZE = 8 << 20;

    @TempDir
    Path directory;

    private final FaultRegistry registry = new FaultRegistry();
    private final Rig rig = new Rig();
    private Path raw;
    private Path volume;
    private Path scratch;

    @BeforeEach
    void makeDisk() throws IOException {
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 61);
        volume = Files.createDirectory(directory.resolve("volume"));
        scratch = Files.createDirectory(directory.resolve("scratch"));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @EnumSource
    void aQcow2DiskGoesThroughScratchSpace(Packing packing) throws IOException {
        pushQcow2(packing);

        Failed asks = rig.failed(plan());
        Complete complete = rig.complete(Rig.withScratch(plan(), scratch));

        assertThat(asks.reason()).isEqualTo(FailureReason.SCRATCH_REQUIRED);
        assertThat(asks.scratchBytes().orElseThrow()).isBetween(1L << 20, SIZE);
        assertThat(complete.format()).isEqualTo("qcow2");
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void aDamagedLayerDoesNotEvenReachTheDisk() throws IOException {
        ContainerImage image = pushQcow2(Packing.PLAIN);
        byte[] other = image.blobs.get(image.layerDigest(0)).clone();
        other[other.length - 3000] ^= 1;
        registry.blob(image.layerDigest(0), other);

        Failed failed = rig.failed(Rig.withScratch(plan(), scratch));

        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(volume.resolve("disk.img")).doesNotExist();
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aDiskMayBePackedInsideItsPackedLayer() throws IOException {
        byte[] packed = ContainerImage.gzip(Files.readAllBytes(raw));
        push(new TestTar().file("disk/disk.img.gz", packed).end(), Packing.ZSTD);

        rig.complete(plan());

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    private ContainerImage pushQcow2(Packing packing) throws IOException {
        Path qcow2 = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow2);
        return push(
                new TestTar().file("disk/disk.qcow2", Files.readAllBytes(qcow2)).end(), packing);
    }

    private ContainerImage push(byte[] tar, Packing packing) {
        ContainerImage image = new ContainerImage().layer(tar, packing);
        registry.push(image, "v1");
        return image;
    }

    private TransferPlan plan() {
        return Rig.plan(registry.source("v1"), Rig.file(volume), SIZE);
    }
}
