package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.TransferOutcome.Complete;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of image, onto a file and onto a device full of old data, must become what qemu-img makes of it. */
class FormatMatrixTest {

    private static final long MIB = 1 << 20;
    /** No multiple of any cluster size but 512. */
    private static final long VIRTUAL = 20 * MIB + 3 * 512;

    private static final long REQUESTED = 24 * MIB;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path raw;

    /** An image to be made; {@code options} as for qemu-img. */
    record Variant(String name, String format, List<String> options) {
        static Variant qcow2(String name, String... options) {
            return of("qcow2", name, options);
        }

        static Variant of(String format, String name, String... options) {
            return new Variant(name, format, List.of(options));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Variant> variants() {
        return Stream.of(
                Variant.of("raw", "raw"),
                Variant.qcow2("qcow2 version 2", "-o", "compat=0.10"),
                Variant.qcow2("qcow2 version 3"),
                Variant.qcow2("qcow2 zlib", "-c"),
                Variant.qcow2("qcow2 version 2 zlib", "-c", "-o", "compat=0.10"),
                Variant.qcow2("qcow2 zstd", "-c", "-o", "compression_type=zstd"),
                Variant.qcow2("qcow2 extended L2", "-o", "extended_l2=on"),
                Variant.qcow2("qcow2 extended L2 zlib", "-c", "-o", "extended_l2=on"),
                Variant.qcow2("qcow2 extended L2, clusters of 16 KiB", "-o", "extended_l2=on,cluster_size=16k"),
                Variant.qcow2("qcow2 clusters of 512", "-o", "cluster_size=512"),
                Variant.qcow2("qcow2 clusters of 512 zlib", "-c", "-o", "cluster_size=512"),
                Variant.qcow2("qcow2 clusters of 4 KiB zstd", "-c", "-o", "cluster_size=4k,compression_type=zstd"),
                Variant.qcow2("qcow2 clusters of 2 MiB", "-o", "cluster_size=2M"),
                Variant.qcow2("qcow2 clusters of 2 MiB zlib", "-c", "-o", "cluster_size=2M"),
                Variant.qcow2("qcow2 clusters of 2 MiB zstd", "-c", "-o", "cluster_size=2M,compression_type=zstd"),
                Variant.qcow2("qcow2 metadata preallocated", "-S", "0", "-o", "preallocation=metadata"),
                Variant.qcow2("qcow2 written out of order", "-W", "-m", "16"),
                Variant.of("qcow", "qcow"),
                Variant.of("qcow", "qcow zlib", "-c"),
                Variant.of("vmdk", "vmdk monolithicSparse"),
                Variant.of("vmdk", "vmdk with zeroed grains", "-S", "0", "-o", "zeroed_grain=on"),
                Variant.of("vmdk", "vmdk written out of order", "-W", "-m", "16"),
                Variant.of("vmdk", "vmdk streamOptimized", "-o", "subformat=streamOptimized"),
                Variant.of("vdi", "vdi dynamic"),
                Variant.of("vdi", "vdi fixed", "-o", "static=on"),
                Variant.of("vdi", "vdi written out of order", "-W", "-m", "16"),
                Variant.of("vpc", "vpc dynamic"),
                Variant.of("vpc", "vpc dynamic of the exact size", "-o", "force_size=on"),
                Variant.of("vpc", "vpc written out of order", "-W", "-m", "16"),
                Variant.of("vpc", "vpc fixed", "-o", "subformat=fixed"),
                Variant.of("vpc", "vpc fixed of the exact size", "-o", "subformat=fixed,force_size=on"),
                Variant.of("vhdx", "vhdx dynamic"),
                Variant.of("vhdx", "vhdx fixed", "-o", "subformat=fixed"),
                Variant.of("vhdx", "vhdx blocks of 1 MiB", "-o", "block_size=1M"),
                Variant.of("vhdx", "vhdx blocks of 32 MiB", "-o", "block_size=32M"),
                Variant.of("vhdx", "vhdx written out of order", "-W", "-m", "16", "-o", "block_size=1M"));
    }

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), VIRTUAL, 42);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void toAFile(Variant variant) throws IOException {
        Path image = image(variant);
        Path volume = Files.createTempDirectory(directory, "volume");

        Complete complete = new Rig().complete(Rig.plan(url(image), Rig.file(volume), REQUESTED));

        assertThat(complete.format()).isEqualTo(variant.format());
        assertThat(complete.diskBytes()).isEqualTo(REQUESTED);
        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, asQemuSeesIt(image, variant));
        assertThat(files(volume)).containsExactly("disk.img");
    }

    @ParameterizedTest
    @MethodSource("variants")
    void toADeviceFullOfOldData(Variant variant) throws IOException {
        Path image = image(variant);
        Path backing = Files.createTempFile(directory, "backing", "");
        try (LoopDevice device = LoopDevice.fullOfOldData(backing, REQUESTED + 2 * MIB)) {
            Complete complete = new Rig().complete(Rig.plan(url(image), Rig.block(device), REQUESTED));

            assertThat(complete.diskBytes()).isEqualTo(REQUESTED + 2 * MIB);
            Disks.assertHolds(device.path(), REQUESTED + 2 * MIB, asQemuSeesIt(image, variant));
        }
    }

    @ParameterizedTest
    @MethodSource("onlyOne")
    void theActiveStateOfAnImageWithSnapshots(Variant variant) throws IOException {
        Path image = image(variant);
        Shell.run("qemu-img", "snapshot", "-c", "before", image);
        Shell.run("qemu-io", "-c", "write -P 0x55 64k 3M", "-c", "discard 8M 1M", "-c", "write -z 12M 64k", image);
        Path volume = Files.createTempDirectory(directory, "volume");

        new Rig().complete(Rig.plan(url(image), Rig.file(volume), REQUESTED));

        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, asQemuSeesIt(image, variant));
    }

    @Test
    void anIsoIsARawDisk() throws IOException {
        Path iso = TestImages.raw(directory.resolve("cd.iso"), 2 * MIB, 43);
        try (RandomAccessFile file = new RandomAccessFile(iso.toFile(), "rw")) {
            file.seek(16 * 2048);
            file.write("\001CD001\001".getBytes(StandardCharsets.ISO_8859_1));
        }
        Path volume = Files.createTempDirectory(directory, "volume");

        Complete complete = new Rig().complete(Rig.plan(url(iso), Rig.file(volume), REQUESTED));

        assertThat(complete.format()).isEqualTo("raw");
        Disks.assertHolds(volume.resolve("disk.img"), REQUESTED, iso);
    }

    static Stream<Variant> onlyOne() {
        return Stream.of(Variant.qcow2("version 3"), Variant.qcow2("extended L2", "-o", "extended_l2=on"));
    }

    private Path image(Variant variant) throws IOException {
        Path image = Files.createTempFile(directory, "image", "." + variant.format());
        return TestImages.image(raw, variant.format(), image, variant.options());
    }

    private Path asQemuSeesIt(Path image, Variant variant) throws IOException {
        return TestImages.asQemuSeesIt(image, variant.format(), Files.createTempFile(directory, "oracle", ".raw"));
    }

    private String url(Path image) {
        String path = "/" + image.getFileName();
        server.add(path, ResourceSpec.of(image));
        return server.url(path);
    }

    private static List<String> files(Path volume) throws IOException {
        try (Stream<Path> files = Files.list(volume)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
