package io.dvflow.dataplane.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.LoopDevice;
import io.dvflow.dataplane.RamFileSystem;
import io.dvflow.dataplane.foreign.LinuxFile;
import io.dvflow.dataplane.foreign.LinuxFile.Zeroing;
import io.dvflow.dataplane.report.Reporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ZeroRangeTest {

    private static final int MIB = 1 << 20;
    private static final int SIZE = 4 * MIB;
    private static final int PAGE = DiskTarget.ALIGNMENT;

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(Zeroing.class)
    void eachWayMakesARangeOfADeviceZeroWithoutAWrite(Zeroing way) throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            assertThat(zero(device.path(), MIB, 2 * MIB, way)).isZero();

            assertZeroOnly(device.path(), MIB, 3 * MIB);
        }
    }

    @ParameterizedTest
    @EnumSource(Zeroing.class)
    void raggedEndsAreWrittenAndNeighboursLeftAlone(Zeroing way) throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            assertThat(zero(device.path(), MIB - 512, 2 * MIB + 512 + 1024, way))
                    .isEqualTo(512 + 1024);

            assertZeroOnly(device.path(), MIB - 512, 3 * MIB + 1024);
        }
    }

    @ParameterizedTest
    @EnumSource(Zeroing.class)
    void lessThanAPageIsWritten(Zeroing way) throws IOException {
        try (LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            assertThat(zero(device.path(), MIB + 512, PAGE, way)).isEqualTo(PAGE);

            assertZeroOnly(device.path(), MIB + 512, MIB + 512 + PAGE);
        }
    }

    /** Whose backing has no holes: the kernel can only write zeros by itself. */
    @Test
    void aWayThatIsRefusedIsFollowedByTheNext() throws IOException {
        try (RamFileSystem _ = RamFileSystem.at(directory);
                LoopDevice device = LoopDevice.fullOfOldData(directory.resolve("backing"), SIZE)) {
            try (LinuxFile file = LinuxFile.open(device.path())) {
                assertThat(file.zero(Zeroing.PUNCH_HOLE, MIB, MIB)).isFalse();
            }

            assertThat(zero(device.path(), MIB, 2 * MIB, Zeroing.PUNCH_HOLE, Zeroing.ZERO_RANGE))
                    .isZero();

            assertZeroOnly(device.path(), MIB, 3 * MIB);
        }
    }

    @Test
    void whereADeviceRefusesEveryWayZerosAreWritten() throws IOException {
        try (LoopDevice device = LoopDevice.withLargeSectors(directory.resolve("backing"), SIZE)) {
            assertThat(zero(device.path(), MIB + PAGE, 2 * MIB, Zeroing.values()))
                    .isEqualTo(2 * MIB);

            assertZeroOnly(device.path(), MIB + PAGE, 3 * MIB + PAGE);
        }
    }

    @Test
    void whereAFileSystemRefusesEveryWayZerosAreWritten() throws IOException {
        try (RamFileSystem _ = RamFileSystem.at(directory)) {
            byte[] old = new byte[SIZE];
            Arrays.fill(old, (byte) 0xAA);
            Path file = Files.write(directory.resolve("disk.img"), old);

            assertThat(zero(file, MIB, 2 * MIB, Zeroing.values())).isEqualTo(2 * MIB);

            assertZeroOnly(file, MIB, 3 * MIB);
        }
    }

    /** Where CDI writes one buffer of 16 MiB, again and again to the same place. */
    @ParameterizedTest
    @CsvSource({"3145728, 41943040", "3146240, 41943040", "3145729, 41943039", "100, 3000", "4096, 4096"})
    void allOfALongRangeIsWrittenWhereItCanOnlyBeWritten(int at, int length) throws IOException {
        byte[] bytes = new byte[48 * MIB];
        Arrays.fill(bytes, (byte) 0xAA);
        Path disk = Files.write(directory.resolve("disk"), bytes);

        assertThat(zero(disk, at, length)).isEqualTo(length);

        Arrays.fill(bytes, at, at + length, (byte) 0);
        assertThat(Arrays.mismatch(Files.readAllBytes(disk), bytes))
                .as("first byte that is not as it should be")
                .isEqualTo(-1);
    }

    /** Bytes that had to be written for it. */
    private static long zero(Path path, long at, long length, Zeroing... ways) throws IOException {
        try (DiskWriter writer = DiskWriter.open(path, true, new Reporter(report -> {}));
                LinuxFile file = LinuxFile.open(path)) {
            ZeroRange.of(writer, file, ways).zero(at, length);
            writer.force();
            return writer.writtenBytes();
        }
    }

    private static void assertZeroOnly(Path path, int from, int to) throws IOException {
        byte[] expected = new byte[SIZE];
        Arrays.fill(expected, (byte) 0xAA);
        Arrays.fill(expected, from, to, (byte) 0);
        assertThat(Arrays.mismatch(Files.readAllBytes(path), expected))
                .as("first byte that is not as it should be")
                .isEqualTo(-1);
    }
}
