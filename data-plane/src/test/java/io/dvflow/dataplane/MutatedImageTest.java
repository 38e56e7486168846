package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.image.DiskImage;
import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.report.TransferFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real images with bits flipped where their formats keep headers and tables, hundreds of each: what is made of them is
 * the map of a disk or a refusal, never anything else, and it comes to an end.
 */
@Timeout(120)
class MutatedImageTest {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int MUTATIONS = 200;
    private static final long SIZE = 6 * MIB + 512;

    @TempDir
    static Path directory;

    /** Bytes of a file. */
    record Window(int from, int length) {}

    /**
     * @param windows where its metadata lies, as qemu-img places it
     * @param seal makes check sums right again
     */
    record Kind(String name, String format, List<String> options, List<Window> windows, Consumer<ByteBuffer> seal) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        Consumer<ByteBuffer> noSeal = b -> {};
        List<Window> qcow2 = List.of(new Window(0, 112), new Window(192 * KIB, 8), new Window(256 * KIB, 800));
        List<Window> vmdk = List.of(new Window(0, 80), new Window(512, 400), new Window(10 * KIB, 6 * KIB));
        List<Window> vhd = List.of(new Window(0, 88), new Window(512, 48), new Window(1536, 16));
        List<Window> vhdx = List.of(
                new Window(64 * KIB, 80),
                new Window(128 * KIB, 80),
                new Window(192 * KIB, 80),
                new Window(256 * KIB, 80),
                new Window(2 * MIB, 64),
                new Window(3 * MIB, 192),
                new Window(3 * MIB + 64 * KIB, 48));
        return Stream.of(
                new Kind("qcow", "qcow", List.of(), List.of(new Window(0, 80), new Window(4 * KIB, 4 * KIB)), noSeal),
                new Kind(
                        "qcow zlib",
                        "qcow",
                        List.of("-c"),
                        List.of(new Window(0, 80), new Window(4 * KIB, KIB)),
                        noSeal),
                new Kind("qcow2", "qcow2", List.of(), qcow2, noSeal),
                new Kind("qcow2 zlib", "qcow2", List.of("-c"), qcow2, noSeal),
                new Kind("qcow2 extended L2", "qcow2", List.of("-o", "extended_l2=on"), qcow2, noSeal),
                new Kind("vmdk", "vmdk", List.of(), vmdk, noSeal),
                new Kind("vmdk streamOptimized", "vmdk", List.of("-o", "subformat=streamOptimized"), vmdk, noSeal),
                new Kind("vdi", "vdi", List.of(), List.of(new Window(64, 408), new Window(512, 32)), noSeal),
                new Kind("vpc", "vpc", List.of(), vhd, noSeal),
                new Kind("vpc sealed", "vpc", List.of(), vhd, b -> Seals.sealVhd(b.order(ByteOrder.BIG_ENDIAN))),
                new Kind(
                        "vpc fixed, sealed",
                        "vpc",
                        List.of("-o", "subformat=fixed"),
                        List.of(new Window(-512, 88)),
                        b -> Seals.sealFixedVhd(b.order(ByteOrder.BIG_ENDIAN))),
                new Kind("vhdx", "vhdx", List.of("-o", "block_size=1M"), vhdx, noSeal),
                new Kind(
                        "vhdx sealed",
                        "vhdx",
                        List.of("-o", "block_size=1M"),
                        vhdx,
                        b -> Seals.sealVhdx(b.order(ByteOrder.LITTLE_ENDIAN))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void endsInAMapOrARefusal(Kind kind) throws IOException {
        byte[] good = good(kind);
        assertIsAMap(new MemorySource(good).open(), good.length);
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] image = good.clone();
            mutate(image, kind, new Random(seed));
            try {
                assertIsAMap(new MemorySource(image).open(), image.length);
            } catch (TransferFailure e) {
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("Mutation " + seed + " ended in neither", e);
            }
        }
        assertThat(refused).as("the flips hit something").isPositive();
    }

    private static byte[] good(Kind kind) throws IOException {
        Path raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 3);
        Path image = Files.createTempFile(directory, "image", "");
        return Files.readAllBytes(TestImages.image(raw, kind.format, image, kind.options));
    }

    private static void mutate(byte[] image, Kind kind, Random random) {
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            Window window = kind.windows.get(random.nextInt(kind.windows.size()));
            int from = window.from < 0 ? image.length + window.from : window.from;
            int at = from + random.nextInt(window.length);
            if (random.nextInt(4) == 0) {
                image[at] = (byte) random.nextInt(256);
            } else {
                image[at] ^= (byte) (1 << random.nextInt(8));
            }
        }
        kind.seal.accept(ByteBuffer.wrap(image));
    }

    /** Ascending, without gaps, each run inside the file and the disk. */
    private static void assertIsAMap(DiskImage image, long fileLength) {
        long position = 0;
        Iterator<Run> runs = image.runs((guest, length) -> false);
        while (runs.hasNext()) {
            Run run = runs.next();
            assertThat(run.guest()).isEqualTo(position);
            assertThat(run.length()).isPositive();
            position = run.guestEnd();
            switch (run) {
                case Run.Packed _ -> throw new AssertionError("No disk format packs its blocks: " + run);
                case Run.Zero zero -> assertThat(zero.length()).isPositive();
                case Run.Data data -> assertInside(data.host(), data.length(), fileLength);
                case Run.Compressed compressed -> assertInside(compressed.host(), compressed.hostLength(), fileLength);
            }
        }
        assertThat(position).isEqualTo(image.virtualSize());
    }

    private static void assertInside(long host, long length, long fileLength) {
        assertThat(host).isNotNegative();
        assertThat(length).isPositive().isLessThanOrEqualTo(fileLength - host);
    }
}
