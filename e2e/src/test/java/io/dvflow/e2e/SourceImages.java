package io.dvflow.e2e;

import io.dvflow.e2e.TestCluster.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Disk images to import, and what an independent decoder makes of them. */
final class SourceImages {

    private static final int MIB = 1 << 20;
    private static final long GIB = 1 << 30;

    private final Path directory;

    SourceImages(Path directory) {
        this.directory = directory;
        try {
            // A reader pod with another user ID mounts it.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot open up " + directory, e);
        }
    }

    Path directory() {
        return directory;
    }

    /**
     * An image with data in some places, holes in others, and random bytes up to the very end. Of a disk of gigabytes, an
     * eighth is data.
     *
     * @param format as {@link ImageFormat} knows it, or {@code iso}; ending in {@code .gz}, {@code .xz} or {@code .zst} where
     *     all of it is compressed
     * @param bytes virtual size; need not be a multiple of a cluster; of an ISO, about its size
     */
    Path make(String format, long bytes, long seed) {
        Path raw = directory.resolve("disk-" + bytes + "-" + seed + ".raw");
        if (!Files.exists(raw)) {
            writeRaw(raw, bytes, new Random(seed));
        }
        if (format.equals("raw")) {
            return raw;
        }
        Path image = directory.resolve(raw.getFileName() + "." + format);
        if (!Files.exists(image)) {
            int dot = format.indexOf('.');
            if (dot >= 0) {
                compress(format.substring(dot + 1), make(format.substring(0, dot), bytes, seed), image);
            } else if (format.equals("iso")) {
                burn(raw, image);
            } else {
                convert(ImageFormat.named(format), raw, image);
            }
        }
        return image;
    }

    private static void convert(ImageFormat format, Path raw, Path image) {
        List<String> command = new ArrayList<>(List.of("qemu-img", "convert", "-f", "raw", "-O", format.driver()));
        command.addAll(format.options());
        command.addAll(List.of(raw.toString(), image.toString()));
        Command.run(command);
    }

    /** A CD-ROM with Rock Ridge and Joliet names, on which the file is. */
    private static void burn(Path file, Path image) {
        Command.run(List.of(
                "xorriso",
                "-as",
                "mkisofs",
                "-quiet",
                "-R",
                "-J",
                "-V",
                "DVFLOW",
                "-o",
                image.toString(),
                file.toString()));
    }

    private static void compress(String suffix, Path plain, Path image) {
        String compressor = switch (suffix) {
            case "gz" -> "gzip -1";
            case "xz" -> "xz -0 -T2 --block-size=8MiB";
            case "zst" -> "zstd -q -1";
            default -> throw new IllegalArgumentException("No compressor makes ." + suffix);
        };
        Command.run("bash", "-c", compressor + " -c " + plain + " > " + image);
    }

    /** What the volume has to hold for an image that {@link #make} made. */
    Path expected(String format, long bytes, long seed, long volumeBytes) {
        String plain = format.split("\\.")[0];
        // A fixed VHD is only known by its end, which nobody has seen when the beginning of something packed is
        // written.
        String driver = format.startsWith("vhd-fixed.")
                ? "raw"
                : ImageFormat.named(plain).driver();
        return decode(make(plain, bytes, seed), List.of("-f", driver), volumeBytes);
    }

    /** What the volume has to hold: the image as {@code qemu-img convert} decodes it, followed by zeros. */
    Path expected(Path image, long volumeBytes) {
        return decode(image, List.of(), volumeBytes);
    }

    private Path decode(Path image, List<String> options, long volumeBytes) {
        Path expected = directory.resolve(image.getFileName() + String.join("", options) + ".expected-" + volumeBytes);
        if (!Files.exists(expected)) {
            List<String> command = new ArrayList<>(List.of("qemu-img", "convert"));
            command.addAll(options);
            command.addAll(List.of("-O", "raw", image.toString(), expected.toString()));
            Command.run(command);
            Command.run("truncate", "-s", Long.toString(volumeBytes), expected.toString());
        }
        return expected;
    }

    Path expectedBlank(long volumeBytes) {
        Path expected = directory.resolve("blank-" + volumeBytes);
        Command.run("truncate", "-s", Long.toString(volumeBytes), expected.toString());
        return expected;
    }

    private static void writeRaw(Path raw, long bytes, Random random) {
        try (FileChannel out = FileChannel.open(
                raw, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            byte[] block = new byte[MIB];
            double share = bytes > GIB ? 1.0 / 8 : 2.0 / 3;
            for (long offset = 0; offset < bytes; offset += MIB) {
                int length = (int) Math.min(MIB, bytes - offset);
                boolean last = offset + MIB >= bytes;
                if (last || offset == 0 || random.nextDouble() < share) {
                    random.nextBytes(block);
                    out.write(ByteBuffer.wrap(block, 0, length), offset);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write test image " + raw, e);
        }
    }
}
