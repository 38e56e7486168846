package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images whose data lies in the file in another order than on the disk, or far apart, and how many requests they take. */
class ScatteredImageTest {

    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    @TempDir
    Path directory;

    private FaultServer server;
    private Resource disk;

    @BeforeEach
    void serve() {
        server = FaultServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow", "qcow2", "vmdk", "vdi", "vpc", "vhdx"})
    void aDiskWrittenInRandomOrder(String format) throws IOException {
        Path image = directory.resolve("image");
        Shell.run("qemu-img", "create", "-f", format, image, 96 * MIB);
        Random random = new Random(7);
        List<Object> command = new ArrayList<>(List.of("qemu-io", "-f", format));
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < 96; i++) {
            places.add(i);
        }
        Collections.shuffle(places, random);
        for (int place : places.subList(0, 60)) {
            long at = place * MIB + random.nextInt(1024) * 512L;
            long length = (1 + random.nextInt(1000)) * 512L;
            command.addAll(List.of("-c", "write -P " + (1 + random.nextInt(255)) + " " + at + " " + length));
        }
        command.addAll(List.of("-c", "write -z 40M 2M", image));
        Shell.run(command.toArray());

        assertImports(image, image, format, 100 * MIB);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qcow", "qcow2", "vmdk", "vdi", "vpc", "vhdx"})
    void aDiskWithDataAtItsFarEnd(String format) throws IOException {
        long size = 9 * GIB;
        Path raw = directory.resolve("disk.raw");
        try (RandomAccessFile file = new RandomAccessFile(raw.toFile(), "rw")) {
            file.setLength(size);
            for (long at : new long[] {0, 4 * GIB - 4096, 5 * GIB + 512, size - 70_000}) {
                byte[] bytes = new byte[70_000];
                new Random(at).nextBytes(bytes);
                file.seek(at);
                file.write(bytes);
            }
        }
        Path image = TestImages.image(raw, format, directory.resolve("image"), List.of());

        assertImports(image, raw, "raw", size + 64 * MIB);

        assertThat(disk.stats().bodyBytes()).isLessThan(128 * MIB);
    }

    @ParameterizedTest
    @MethodSource("compactImages")
    void neighboursAreFetchedTogether(String format, List<String> options, int mostRequests) throws IOException {
        Path raw = directory.resolve("disk.raw");
        TestImages.halfRandom(raw, 64 * MIB, 5);
        Path image = TestImages.image(raw, format, directory.resolve("image"), options);

        assertImports(image, raw, "raw", 65 * MIB);

        assertThat(disk.stats().requests()).isLessThanOrEqualTo(mostRequests);
        assertThat(disk.stats().bodyBytes()).isLessThan(Files.size(image) * 11 / 10 + 4 * 64 * KIB);
    }

    /** The most: some for headers and tables, and one for each 4 MiB, as near to the end, or each MiB of compressed data. */
    static Stream<Arguments> compactImages() {
        return Stream.of(
                Arguments.of("vmdk", List.of(), 20),
                Arguments.of("vmdk", List.of("-o", "subformat=streamOptimized"), 42),
                Arguments.of("vdi", List.of(), 20),
                Arguments.of("vpc", List.of("-o", "force_size=on"), 22),
                Arguments.of("vpc", List.of("-o", "subformat=fixed,force_size=on"), 22),
                Arguments.of("vhdx", List.of("-o", "block_size=1M"), 27),
                Arguments.of("qcow", List.of(), 57),
                Arguments.of("qcow", List.of("-c"), 100));
    }

    private void assertImports(Path image, Path expected, String format, long requested) throws IOException {
        disk = server.add("/disk", ResourceSpec.of(image));
        Path volume = Files.createTempDirectory(directory, "volume");

        new Rig().complete(Rig.plan(server.url("/disk"), Rig.file(volume), requested));

        Shell.run("qemu-img", "compare", "-f", "raw", "-F", format, volume.resolve("disk.img"), expected);
    }
}
