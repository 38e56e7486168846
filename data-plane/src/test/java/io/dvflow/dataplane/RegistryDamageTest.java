package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What registries do wrong, and images that are not what they are called by: ridden out, or refused with the reason. */
class RegistryDamageTest {

    private static final int SIZE = RegistryImports.SIZE;
    private static final String PHRASE = "Failed to find VM disk image file in the container image";

    @TempDir
    Path directory;

    private RegistryImports imports;
    private FaultRegistry registry;
    private byte[] disk;

    @BeforeEach
    void start() throws IOException {
        imports = new RegistryImports(directory);
        registry = imports.registry;
        disk = imports.disk;
    }

    @AfterEach
    void stop() {
        imports.close();
    }

    @Test
    void aLayerThatCannotBeReadIsSaidAndNotSkipped() {
        ContainerImage image = new ContainerImage()
                .layer(imports.diskTar("disk/disk.img"), Packing.GZIP)
                .layer(new TestTar().file("etc/x", new byte[100_000]).end(), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(1)).faults(Fault.status(500));

        Failed failed = imports.failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.SERVER_ERROR);
        assertThat(failed.message()).contains("500").doesNotContain(PHRASE);
    }

    @Test
    void aLayerThatIsNoArchiveIsSaid() {
        ContainerImage image = new ContainerImage()
                .layer(imports.diskTar("disk/disk.img"), Packing.GZIP)
                .layer("hello".repeat(1000).getBytes(StandardCharsets.UTF_8), Packing.PLAIN.mediaType);
        registry.push(image, "v1");

        assertThat(imports.failed("v1").message()).contains("no tar archive").contains(image.layerDigest(1));
    }

    @Test
    void aLayerOfAnotherTypeIsSaid() {
        ContainerImage image = new ContainerImage().layer(disk, "application/vnd.acme.disk");
        registry.push(image, "v1");

        Failed failed = imports.failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.UNSUPPORTED_FORMAT);
        assertThat(failed.message()).contains("application/vnd.acme.disk");
    }

    @Test
    void bytesThatAreNotWhatTheirDigestSaysAreThrownAway() {
        ContainerImage image = new ContainerImage().layer(imports.diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        byte[] other = imports.diskTar("disk/disk.img");
        other[SIZE / 2] ^= 1;
        registry.blob(image.layerDigest(0), other);

        Failed failed = imports.failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains(image.layerDigest(0)).contains("damaged");
        assertThat(imports.volume.resolve("disk.img")).doesNotExist();
        assertThat(imports.volume.resolve(".dvflow-journal.json")).doesNotExist();
        assertThat(imports.rig.durableMaps().getLast().finished())
                .as("what was said to be durable is taken back")
                .isEmpty();
    }

    @Test
    void damageBehindTheDiskCountsAsWell() {
        byte[] tar = new TestTar()
                .file("disk/disk.img", disk)
                .file("etc/more", new byte[300_000])
                .end();
        ContainerImage image = new ContainerImage().layer(tar, Packing.PLAIN);
        registry.push(image, "v1");
        byte[] other = tar.clone();
        other[tar.length - 2000] ^= 1;
        registry.blob(image.layerDigest(0), other);

        assertThat(imports.failed("v1").reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void damageInALayerWithoutTheDiskCountsAsWell() {
        byte[] above = new TestTar().file("etc/x", new byte[100_000]).end();
        ContainerImage image = new ContainerImage()
                .layer(imports.diskTar("disk/disk.img"), Packing.PLAIN)
                .layer(above, Packing.PLAIN);
        registry.push(image, "v1");
        byte[] other = above.clone();
        other[50_000] = 7;
        registry.blob(image.layerDigest(1), other);

        assertThat(imports.failed("v1").reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void aLayerCutShortIsNoLayer() {
        ContainerImage image = new ContainerImage().layer(imports.diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(0), Arrays.copyOf(imports.diskTar("disk/disk.img"), SIZE / 2));

        Failed failed = imports.failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains(String.valueOf(SIZE / 2));
    }

    @Test
    void aConnectionThatBreaksIsTakenUpAgain() throws IOException {
        ContainerImage image = new ContainerImage().layer(imports.diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(0))
                .faults(Fault.of(Kind.DROP).afterBytes(1 << 20).skip(1).times(2));

        imports.complete("v1");

        imports.assertDiskArrived();
        assertThat(registry.blob(image.layerDigest(0)).stats().bodyBytes()).isLessThan(SIZE + (1 << 20));
    }

    @Test
    void aRegistryWithoutRangesIsReadFromTheStart() throws IOException {
        ContainerImage image = new ContainerImage().layer(imports.diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(0))
                .serve(registry.blob(image.layerDigest(0)).spec().withoutRanges());

        imports.complete("v1");

        imports.assertDiskArrived();
    }

    @Test
    void whatIsNotThereIsSaidInTheRegistrysWords() {
        registry.server.add("/v2/" + FaultRegistry.REPOSITORY + "/manifests/gone", ResourceSpec.of(new byte[1]));
        registry.manifest("gone").faults(Fault.status(404));

        Failed failed = imports.failed("gone");

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message())
                .contains("failed to pull image")
                .contains("404")
                .contains("disks/linux:gone");
    }

    @Test
    void aRegistryThatIsBusyIsAskedAgain() throws IOException {
        registry.push(new ContainerImage().layer(imports.diskTar("disk/a"), Packing.PLAIN), "v1");
        registry.manifest("v1")
                .faults(Fault.status(429).times(2), Fault.status(503).skip(2).times(1));

        imports.complete("v1");

        imports.assertDiskArrived();
    }
}
