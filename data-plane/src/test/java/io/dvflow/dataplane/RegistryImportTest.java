package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks in container images: where they are found, and what is refused. */
class RegistryImportTest {

    private static final int SIZE = 3 << 20;
    private static final String PHRASE = "Failed to find VM disk image file in the container image";

    @TempDir
    Path directory;

    private final byte[] disk = new byte[SIZE];
    private final FaultRegistry registry = new FaultRegistry();
    private final Rig rig = new Rig();
    private Path volume;

    @BeforeEach
    void makeDisk() throws IOException {
        new Random(23).nextBytes(disk);
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @ParameterizedTest
    @EnumSource
    void theDiskIsTakenOutOfItsLayer(Packing packing) throws IOException {
        registry.push(new ContainerImage().layer(diskTar("disk/disk.img"), packing), "v1");

        Complete complete = complete("v1");

        assertThat(complete.format()).isEqualTo("raw");
        assertDiskArrived();
    }

    @Test
    void itMayLieDeepAndHaveAnyName() throws IOException {
        byte[] tar = new TestTar()
                .directory("./")
                .directory("./disk/")
                .directory("./disk/of/")
                .file("./disk/of/my system.raw", disk)
                .end();
        registry.push(new ContainerImage().layer(tar, Packing.PLAIN), "v1");

        complete("v1");

        assertDiskArrived();
    }

    @Test
    void longNamesAndLargeFilesComeWithExtendedHeaders() throws IOException {
        byte[] tar = new TestTar()
                .pax("path=disk/" + "x".repeat(200), "size=" + SIZE)
                .header(new TestTar.Header("cut", '0', "0"))
                .content(disk)
                .end();
        registry.push(new ContainerImage().layer(tar, Packing.GZIP), "v1");

        complete("v1");

        assertDiskArrived();
    }

    @Test
    void layersBelowTheDiskAreNeverFetched() throws IOException {
        ContainerImage image = new ContainerImage()
                .layer(new TestTar().file("usr/bin/sh", new byte[1 << 20]).end(), Packing.GZIP)
                .layer(diskTar("disk/disk.img"), Packing.GZIP);
        registry.push(image, "v1");

        complete("v1");

        assertDiskArrived();
        assertThat(registry.blob(image.layerDigest(0)).stats().requests()).isZero();
    }

    @Test
    void layersAboveTheDiskAreLookedThrough() throws IOException {
        ContainerImage image = new ContainerImage()
                .layer(diskTar("disk/disk.img"), Packing.GZIP)
                .layer(new TestTar().file("etc/os-release", "x").end(), Packing.PLAIN)
                .layer(new TestTar().end(), Packing.GZIP);
        registry.push(image, "v1");

        complete("v1");

        assertDiskArrived();
    }

    @Test
    void whatALaterLayerReplacesIsReplaced() throws IOException {
        ContainerImage image = new ContainerImage()
                .layer(new TestTar().file("disk/disk.img", new byte[SIZE]).end(), Packing.GZIP)
                .layer(diskTar("disk/disk.img"), Packing.GZIP);
        registry.push(image, "v1");

        complete("v1");

        assertDiskArrived();
    }

    @Test
    void whatALaterLayerTakesAwayIsGone() throws IOException {
        byte[] old = new TestTar()
                .file("disk/a.img", new byte[SIZE])
                .file("disk/b.img", disk)
                .end();
        ContainerImage image = new ContainerImage()
                .layer(old, Packing.GZIP)
                .layer(new TestTar().file("disk/.wh.a.img", "").end(), Packing.GZIP);
        registry.push(image, "v1");

        complete("v1");

        assertDiskArrived();
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.disk", "disk/.wh.disk.img", "disk/.wh..wh..opq", ".wh..wh..opq", "disk"})
    void aDiskThatWasTakenAwayIsNotImported(String taken) {
        ContainerImage image = new ContainerImage()
                .layer(diskTar("disk/disk.img"), Packing.GZIP)
                .layer(new TestTar().file(taken, "").end(), Packing.GZIP);
        registry.push(image, "v1");

        assertThat(failed("v1").message()).contains(PHRASE);
    }

    @Test
    void whatIsNotBelowDiskIsNoDisk() {
        byte[] tar = new TestTar()
                .file("disk.img", disk)
                .file("diskette/disk.img", disk)
                .file("boot/disk/disk.img", disk)
                .file("../disk/disk.img", disk)
                .directory("disk/")
                .entry("disk/link.img", '2', new byte[0])
                .end();
        registry.push(new ContainerImage().layer(tar, Packing.GZIP), "v1");

        Failed failed = failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message()).contains(PHRASE).contains("disk/link.img").contains("COPY disk.img /disk/");
    }

    @Test
    void emptyAndSparseFilesAreRefused() {
        registry.push(
                new ContainerImage()
                        .layer(new TestTar().file("disk/disk.img", "").end(), Packing.GZIP),
                "empty");
        registry.push(
                new ContainerImage()
                        .layer(new TestTar().entry("disk/disk.img", 'S', disk).end(), Packing.GZIP),
                "sparse");

        assertThat(failed("empty").message()).contains("empty");
        assertThat(failed("sparse").message()).contains("sparse");
    }

    @Test
    void aLayerThatCannotBeReadIsSaidAndNotSkipped() {
        ContainerImage image = new ContainerImage()
                .layer(diskTar("disk/disk.img"), Packing.GZIP)
                .layer(new TestTar().file("etc/x", new byte[100_000]).end(), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(1)).faults(Fault.status(500));

        Failed failed = failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.SERVER_ERROR);
        assertThat(failed.message()).contains("500").doesNotContain(PHRASE);
    }

    @Test
    void aLayerThatIsNoArchiveIsSaid() {
        ContainerImage image = new ContainerImage()
                .layer(diskTar("disk/disk.img"), Packing.GZIP)
                .layer("hello".repeat(1000).getBytes(StandardCharsets.UTF_8), Packing.PLAIN.mediaType);
        registry.push(image, "v1");

        assertThat(failed("v1").message()).contains("no tar archive").contains(image.layerDigest(1));
    }

    @Test
    void aLayerOfAnotherTypeIsSaid() {
        ContainerImage image = new ContainerImage().layer(disk, "application/vnd.acme.disk");
        registry.push(image, "v1");

        Failed failed = failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.UNSUPPORTED_FORMAT);
        assertThat(failed.message()).contains("application/vnd.acme.disk");
    }

    @Test
    void bytesThatAreNotWhatTheirDigestSaysAreThrownAway() {
        ContainerImage image = new ContainerImage().layer(diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        byte[] other = diskTar("disk/disk.img");
        other[SIZE / 2] ^= 1;
        registry.blob(image.layerDigest(0), other);

        Failed failed = failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains(image.layerDigest(0)).contains("damaged");
        assertThat(volume.resolve("disk.img")).doesNotExist();
        assertThat(volume.resolve(".dvflow-journal.json")).doesNotExist();
        assertThat(rig.durableMaps().getLast().finished())
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

        assertThat(failed("v1").reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void damageInALayerWithoutTheDiskCountsAsWell() {
        byte[] above = new TestTar().file("etc/x", new byte[100_000]).end();
        ContainerImage image = new ContainerImage()
                .layer(diskTar("disk/disk.img"), Packing.PLAIN)
                .layer(above, Packing.PLAIN);
        registry.push(image, "v1");
        byte[] other = above.clone();
        other[50_000] = 7;
        registry.blob(image.layerDigest(1), other);

        assertThat(failed("v1").reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void aLayerCutShortIsNoLayer() {
        ContainerImage image = new ContainerImage().layer(diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(0), Arrays.copyOf(diskTar("disk/disk.img"), SIZE / 2));

        Failed failed = failed("v1");

        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains(String.valueOf(SIZE / 2));
    }

    @Test
    void aConnectionThatBreaksIsTakenUpAgain() throws IOException {
        ContainerImage image = new ContainerImage().layer(diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(0))
                .faults(Fault.of(Kind.DROP).afterBytes(1 << 20).skip(1).times(2));

        complete("v1");

        assertDiskArrived();
        assertThat(registry.blob(image.layerDigest(0)).stats().bodyBytes()).isLessThan(SIZE + (1 << 20));
    }

    @Test
    void aRegistryWithoutRangesIsReadFromTheStart() throws IOException {
        ContainerImage image = new ContainerImage().layer(diskTar("disk/disk.img"), Packing.PLAIN);
        registry.push(image, "v1");
        registry.blob(image.layerDigest(0))
                .serve(registry.blob(image.layerDigest(0)).spec().withoutRanges());

        complete("v1");

        assertDiskArrived();
    }

    @Test
    void manifestsAreFollowedToThePlatformThatIsWanted() throws IOException {
        ContainerImage right = new ContainerImage().architecture("arm64").layer(diskTar("disk/a"), Packing.GZIP);
        ContainerImage other = new ContainerImage()
                .layer(new TestTar().file("disk/a", new byte[SIZE]).end(), Packing.GZIP);
        for (String type : List.of(ContainerImage.OCI_INDEX, ContainerImage.DOCKER_LIST)) {
            pushIndex(type, other, right);

            rig.complete(Rig.plan(arm(), Rig.file(volume), SIZE));

            assertDiskArrived();
            Files.delete(volume.resolve("disk.img"));
        }
    }

    @Test
    void anIndexWithoutThePlatformSaysWhatItHas() {
        ContainerImage amd = new ContainerImage().layer(diskTar("disk/a"), Packing.GZIP);
        byte[] manifest = amd.manifest();
        registry.push(amd);
        registry.manifest("inner", manifest, ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "v1",
                ContainerImage.index(
                        ContainerImage.OCI_INDEX,
                        List.of(
                                ContainerImage.forPlatform(manifest, ContainerImage.OCI_MANIFEST, "linux", "amd64"),
                                ContainerImage.forPlatform(manifest, ContainerImage.OCI_MANIFEST, "windows", "arm64"))),
                ContainerImage.OCI_INDEX);

        Failed failed = rig.failed(Rig.plan(arm(), Rig.file(volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message())
                .contains("linux/arm64")
                .contains("linux/amd64")
                .contains("platform.architecture");
    }

    @Test
    void anImageForAnotherArchitectureIsRefusedIfOneWasAskedFor() throws IOException {
        registry.push(new ContainerImage().layer(diskTar("disk/a"), Packing.GZIP), "v1");
        TransferSource unasked = new TransferSource.Registry(
                registry.url("v1"), Optional.empty(), Optional.empty(), Optional.empty(), true);

        Failed failed = rig.failed(Rig.plan(arm(), Rig.file(volume), SIZE));
        rig.complete(Rig.plan(unasked, Rig.file(volume), SIZE));

        assertThat(failed.message()).contains("\"amd64\" doesn't match requested architecture: \"arm64\"");
        assertDiskArrived();
    }

    @Test
    void digestsOfManifestsAreChecked() {
        ContainerImage image = new ContainerImage().layer(diskTar("disk/a"), Packing.GZIP);
        registry.push(image, "v1");
        byte[] manifest = image.manifest();
        String digest = ContainerImage.digest(manifest);

        rig.complete(Rig.plan(registry.source(digest), Rig.file(volume), SIZE));
        manifest[manifest.length - 1] = ' ';
        registry.server.add(
                "/v2/" + FaultRegistry.REPOSITORY + "/manifests/" + digest,
                ResourceSpec.of((new String(manifest, StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8)));

        Failed failed = failed(digest);
        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains("manifest").contains(digest);
    }

    @Test
    void theConfigurationsDigestIsChecked() {
        ContainerImage image = new ContainerImage().layer(diskTar("disk/a"), Packing.GZIP);
        registry.push(image, "v1");
        String config = image.blobs.keySet().stream()
                .filter(digest -> !digest.equals(image.layerDigest(0)))
                .findFirst()
                .orElseThrow();
        byte[] other = image.blobs.get(config).clone();
        other[5] = 'x';
        registry.blob(config, other);

        assertThat(failed("v1").reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
    }

    @Test
    void bootableContainersAreNoDisks() {
        for (String label : List.of("containers.bootc", "ostree.bootable")) {
            registry.push(
                    new ContainerImage().layer(diskTar("disk/a"), Packing.GZIP).label(label, "1"), "v1");

            assertThat(failed("v1").message()).contains("bootc image detected").contains(label);
        }
    }

    @Test
    void theEnvironmentTurnsIntoLabels() {
        registry.push(
                new ContainerImage()
                        .layer(diskTar("disk/a"), Packing.GZIP)
                        .env("INSTANCETYPE_KUBEVIRT_IO_DEFAULT_PREFERENCE=fedora"),
                "v1");

        assertThat(complete("v1").labels()).isEqualTo(Map.of("instancetype.kubevirt.io/default-preference", "fedora"));
    }

    @Test
    void documentsThatAreNoneAreRefused() {
        registry.manifest("text", "<html>no</html>".getBytes(StandardCharsets.UTF_8), "text/html");
        registry.manifest(
                "old", "{\"schemaVersion\":1,\"fsLayers\":[]}".getBytes(StandardCharsets.UTF_8), "application/json");
        registry.manifest(
                "empty", "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8), ContainerImage.OCI_MANIFEST);
        registry.manifest("huge", new byte[5 << 20], ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "odd-digest",
                "{\"schemaVersion\":2,\"config\":{\"digest\":\"../../etc/passwd\",\"size\":1},\"layers\":[]}"
                        .getBytes(StandardCharsets.UTF_8),
                ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "huge-config",
                ("{\"schemaVersion\":2,\"config\":{\"digest\":\"sha256:" + "0".repeat(64)
                                + "\",\"size\":99999999999},\"layers\":[]}")
                        .getBytes(StandardCharsets.UTF_8),
                ContainerImage.OCI_MANIFEST);
        registry.manifest("deep", "[".repeat(100_000).getBytes(StandardCharsets.UTF_8), ContainerImage.OCI_MANIFEST);
        registry.manifest(
                "nothing",
                "{\"schemaVersion\":2,\"manifests\":[null]}".getBytes(StandardCharsets.UTF_8),
                ContainerImage.OCI_INDEX);

        assertThat(failed("text").message()).contains("expected the JSON of an image manifest");
        assertThat(failed("old").message()).contains("schema version 2, found version 1");
        assertThat(failed("empty").message()).contains("neither an image nor an index");
        assertThat(failed("huge").message()).contains("larger than");
        assertThat(failed("odd-digest").message()).contains("expected a digest");
        assertThat(failed("huge-config").message()).contains("99999999999");
        assertThat(failed("deep").message()).contains("expected the JSON");
        assertThat(failed("nothing").reason()).isNotEqualTo(FailureReason.UNKNOWN);
    }

    @Test
    void aThousandLayersAreTooMany() {
        ContainerImage image = new ContainerImage();
        byte[] empty = new TestTar().end();
        for (int i = 0; i < 1001; i++) {
            image.layer(empty, Packing.PLAIN);
        }
        registry.push(image, "v1");

        assertThat(failed("v1").reason()).isEqualTo(FailureReason.HOSTILE_IMAGE);
    }

    @Test
    void tooManyWhiteoutsAreTooMany() {
        TestTar tar = new TestTar();
        for (int i = 0; i < 10_001; i++) {
            tar.file("disk/.wh." + i, "");
        }
        registry.push(new ContainerImage().layer(tar.end(), Packing.GZIP), "v1");

        assertThat(failed("v1").reason()).isEqualTo(FailureReason.HOSTILE_IMAGE);
    }

    @Test
    void aDiskLargerThanTheClaimIsRefusedBeforeItIsRead() {
        registry.push(new ContainerImage().layer(diskTar("disk/a"), Packing.PLAIN), "v1");

        Failed failed = rig.failed(Rig.plan(registry.source("v1"), Rig.file(volume), SIZE / 2));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
    }

    @Test
    void whatIsNotThereIsSaidInTheRegistrysWords() {
        registry.server.add("/v2/" + FaultRegistry.REPOSITORY + "/manifests/gone", ResourceSpec.of(new byte[1]));
        registry.manifest("gone").faults(Fault.status(404));

        Failed failed = failed("gone");

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message())
                .contains("failed to pull image")
                .contains("404")
                .contains("disks/linux:gone");
    }

    @Test
    void aRegistryThatIsBusyIsAskedAgain() throws IOException {
        registry.push(new ContainerImage().layer(diskTar("disk/a"), Packing.PLAIN), "v1");
        registry.manifest("v1")
                .faults(Fault.status(429).times(2), Fault.status(503).skip(2).times(1));

        complete("v1");

        assertDiskArrived();
    }

    private TransferSource.Registry arm() {
        return new TransferSource.Registry(
                registry.url("v1"), Optional.empty(), Optional.empty(), Optional.of("arm64"), true);
    }

    private void pushIndex(String type, ContainerImage amd, ContainerImage arm) {
        String inner =
                type.equals(ContainerImage.OCI_INDEX) ? ContainerImage.OCI_MANIFEST : ContainerImage.DOCKER_MANIFEST;
        byte[] one = amd.manifest(inner);
        byte[] two = arm.manifest(inner);
        registry.push(amd);
        registry.push(arm);
        registry.manifest("one", one, inner).manifest("two", two, inner);
        registry.manifest(
                "v1",
                ContainerImage.index(
                        type,
                        List.of(
                                ContainerImage.forPlatform(one, inner, "linux", "amd64"),
                                ContainerImage.forPlatform(one, inner, "unknown", "unknown"),
                                ContainerImage.forPlatform(two, inner, "linux", "arm64"))),
                type);
    }

    private byte[] diskTar(String name) {
        return new TestTar().directory("disk/").file(name, disk).end();
    }

    private Complete complete(String tag) {
        return rig.complete(Rig.plan(registry.source(tag), Rig.file(volume), SIZE));
    }

    private Failed failed(String tag) {
        return rig.failed(Rig.plan(registry.source(tag), Rig.file(volume), SIZE));
    }

    private void assertDiskArrived() throws IOException {
        assertThat(Files.readAllBytes(volume.resolve("disk.img"))).isEqualTo(disk);
    }
}
