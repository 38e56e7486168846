package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Compares disks byte by byte. */
final class Disks {

    private Disks() {}

    /** The disk holds the expected bytes, and from there to its end nothing but zeros. */
    static void assertHolds(Path disk, long diskBytes, Path expected) {
        try (InputStream actual = Files.newInputStream(disk);
                InputStream wanted = Files.newInputStream(expected)) {
            long at = 0;
            while (at < diskBytes) {
                int count = (int) Math.min(1 << 20, diskBytes - at);
                byte[] found = actual.readNBytes(count);
                byte[] right = Arrays.copyOf(wanted.readNBytes(count), count);
                assertThat(found.length).as("bytes at " + at).isEqualTo(count);
                int difference = Arrays.mismatch(found, right);
                assertThat(difference < 0 ? -1 : at + difference)
                        .as("first byte of %s that differs from %s", disk, expected)
                        .isEqualTo(-1);
                at += count;
            }
            assertThat(actual.read()).as("a byte after the end of the disk").isEqualTo(-1);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot compare " + disk + " with " + expected, e);
        }
    }
}
