package io.dvflow.dataplane;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Random;

/** Disks with everything that goes wrong easily: islands, holes, ragged runs, random data up to the last sector. */
public final class TestImages {

    private TestImages() {}

    /** A raw disk of that size; the same seed gives the same bytes. */
    public static Path raw(Path file, long size, long seed) throws IOException {
        Random random = new Random(seed);
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            disk.setLength(size);
            fill(disk, random, 0, 1 << 20);
            for (int island = 0; island < 40; island++) {
                long sectors = size / 512;
                long at = random.nextLong(sectors) * 512;
                fill(disk, random, at, Math.min(size - at, 512L * (1 + random.nextInt(600))));
            }
            fill(disk, random, size / 2, 2 << 20);
            fill(disk, random, size - 40_000, 40_000);
        }
        return file;
    }

    /** A raw disk without a single hole. */
    public static void random(Path file, long size, long seed) throws IOException {
        Random random = new Random(seed);
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 0; at < size; at += 1 << 20) {
                fill(disk, random, at, Math.min(1 << 20, size - at));
            }
        }
    }

    /** What the tool itself makes of an image. */
    static Path asQemuSeesIt(Path image, String format, Path into) {
        Shell.run("qemu-img", "convert", "-f", format, "-O", "raw", image, into);
        return into;
    }

    private static void fill(RandomAccessFile disk, Random random, long at, long length) throws IOException {
        byte[] bytes = new byte[(int) length];
        random.nextBytes(bytes);
        disk.seek(at);
        disk.write(bytes);
    }
}
