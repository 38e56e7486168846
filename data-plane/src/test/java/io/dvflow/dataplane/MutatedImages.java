package io.dvflow.dataplane;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Real images with bits flipped where their formats keep headers and tables. */
final class MutatedImages {

    /** Virtual size; a VHD rounds it up. */
    static final long SIZE = (6 << 20) + 512;

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    private final Path directory;
    private final Path raw;

    MutatedImages(Path directory) throws IOException {
        this.directory = directory;
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 3);
    }

    /** The disk that all of them were once. */
    Path raw() {
        return raw;
    }

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
                new Kind("qcow2 zstd", "qcow2", List.of("-c", "-o", "compression_type=zstd"), qcow2, noSeal),
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

    byte[] good(Kind kind) throws IOException {
        Path image = Files.createTempFile(directory, "image", "");
        return Files.readAllBytes(TestImages.image(raw, kind.format, image, kind.options));
    }

    /** A copy with some bits flipped; the same seed flips the same. */
    static byte[] mutate(byte[] good, Kind kind, long seed) {
        byte[] image = good.clone();
        Random random = new Random(seed);
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
        return image;
    }
}
