package io.dvflow.dataplane;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    /** A raw disk without a hole that compresses to about half. */
    static void halfRandom(Path file, long size, long seed) throws IOException {
        Random random = new Random(seed);
        byte[] bytes = new byte[4 << 10];
        Arrays.fill(bytes, (byte) 'x');
        try (RandomAccessFile disk = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 0; at < size; at += bytes.length) {
                byte[] noise = new byte[bytes.length / 2];
                random.nextBytes(noise);
                System.arraycopy(noise, 0, bytes, 0, noise.length);
                disk.write(bytes);
            }
        }
    }

    /** An image in another format; {@code options} as for qemu-img. */
    static Path image(Path raw, String format, Path into, List<String> options) {
        // qemu-img 7.2 writes a whole compressed qcow, and then fails at ending it as one ends a stream.
        String convert = "raw=$1 format=$2 image=$3; shift 3; qemu-img convert -f raw -O $format \"$@\" $raw $image"
                + " || qemu-img compare -f raw -F $format $raw $image";
        List<Object> command = new ArrayList<>(List.of("sh", "-c", convert, "convert", raw, format, into));
        command.addAll(options);
        Shell.run(command.toArray());
        return into;
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
