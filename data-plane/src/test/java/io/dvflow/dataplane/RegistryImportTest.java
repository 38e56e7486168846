package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks in container images: in which layer and under which name they are found. */
class RegistryImportTest {

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

    @ParameterizedTest
    @EnumSource
    void theDiskIsTakenOutOfItsLayer(Packing packing) throws IOException {
        registry.push(new ContainerImage().layer(imports.diskTar("disk/disk.img"), packing), "v1");

        Complete complete = imports.complete("v1");

        assertThat(complete.format()).isEqualTo("raw");
        imports.assertDiskArrived();
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

        imports.complete("v1");

        imports.assertDiskArrived();
    }

    @Test
    void longNamesAndLargeFilesComeWithExtendedHeaders() throws IOException {
        byte[] tar = new TestTar()
                .pax("path=disk/" + "x".repeat(200), "size=" + SIZE)
                .header(new TestTar.Header("cut", '0', "0"))
                .content(disk)
                .end();
        registry.push(new ContainerImage().layer(tar, Packing.GZIP), "v1");

        imports.complete("v1");

        imports.assertDiskArrived();
    }

    @Test
    void layersBelowTheDiskAreNeverFetched() throws IOException {
        ContainerImage image = new ContainerImage()
                .layer(new TestTar().file("usr/bin/sh", new byte[1 << 20]).end(), Packing.GZIP)
                .layer(imports.diskTar("disk/disk.img"), Packing.GZIP);
        registry.push(image, "v1");

        imports.complete("v1");

        imports.assertDiskArrived();
        assertThat(registry.blob(image.layerDigest(0)).stats().requests()).isZero();
    }

    @Test
    void layersAboveTheDiskAreLookedThrough() throws IOException {
        ContainerImage image = new ContainerImage()
                .layer(imports.diskTar("disk/disk.img"), Packing.GZIP)
                .layer(new TestTar().file("etc/os-release", "x").end(), Packing.PLAIN)
                .layer(new TestTar().end(), Packing.GZIP);
        registry.push(image, "v1");

        imports.complete("v1");

        imports.assertDiskArrived();
    }

    @Test
    void whatALaterLayerReplacesIsReplaced() throws IOException {
        ContainerImage image = new ContainerImage()
                .layer(new TestTar().file("disk/disk.img", new byte[SIZE]).end(), Packing.GZIP)
                .layer(imports.diskTar("disk/disk.img"), Packing.GZIP);
        registry.push(image, "v1");

        imports.complete("v1");

        imports.assertDiskArrived();
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

        imports.complete("v1");

        imports.assertDiskArrived();
    }

    @ParameterizedTest
    @ValueSource(strings = {".wh.disk", "disk/.wh.disk.img", "disk/.wh..wh..opq", ".wh..wh..opq", "disk"})
    void aDiskThatWasTakenAwayIsNotImported(String taken) {
        ContainerImage image = new ContainerImage()
                .layer(imports.diskTar("disk/disk.img"), Packing.GZIP)
                .layer(new TestTar().file(taken, "").end(), Packing.GZIP);
        registry.push(image, "v1");

        assertThat(imports.failed("v1").message()).contains(PHRASE);
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

        Failed failed = imports.failed("v1");

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

        assertThat(imports.failed("empty").message()).contains("empty");
        assertThat(imports.failed("sparse").message()).contains("sparse");
    }

    @Test
    void tooManyWhiteoutsAreTooMany() {
        TestTar tar = new TestTar();
        for (int i = 0; i < 10_001; i++) {
            tar.file("disk/.wh." + i, "");
        }
        registry.push(new ContainerImage().layer(tar.end(), Packing.GZIP), "v1");

        assertThat(imports.failed("v1").reason()).isEqualTo(FailureReason.HOSTILE_IMAGE);
    }

    @Test
    void aThousandLayersAreTooMany() {
        ContainerImage image = new ContainerImage();
        byte[] empty = new TestTar().end();
        for (int i = 0; i < 1001; i++) {
            image.layer(empty, Packing.PLAIN);
        }
        registry.push(image, "v1");

        assertThat(imports.failed("v1").reason()).isEqualTo(FailureReason.HOSTILE_IMAGE);
    }

    @Test
    void aDiskLargerThanTheClaimIsRefusedBeforeItIsRead() {
        registry.push(new ContainerImage().layer(imports.diskTar("disk/a"), Packing.PLAIN), "v1");

        Failed failed = imports.rig.failed(Rig.plan(registry.source("v1"), Rig.file(imports.volume), SIZE / 2));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
    }
}
