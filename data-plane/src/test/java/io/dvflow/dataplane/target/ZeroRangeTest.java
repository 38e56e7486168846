package io.dvflow.dataplane.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.foreign.LinuxFile;
import io.dvflow.dataplane.report.Reporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ZeroRangeTest {

    private static final int MIB = 1 << 20;

    @TempDir
    Path directory;

    /** Where CDI writes one buffer of 16 MiB, again and again to the same place. */
    @ParameterizedTest
    @CsvSource({"3145728, 41943040", "3146240, 41943040", "3145729, 41943039", "100, 3000", "4096, 4096"})
    void writesAllOfARangeThatCanOnlyBeWritten(int at, int length) throws IOException {
        byte[] bytes = new byte[48 * MIB];
        Arrays.fill(bytes, (byte) 0xAA);
        Path disk = Files.write(directory.resolve("disk"), bytes);

        try (DiskWriter writer = DiskWriter.open(disk, true, new Reporter(report -> {}));
                LinuxFile file = LinuxFile.open(disk)) {
            ZeroRange.of(writer, file).zero(at, length);
        }

        Arrays.fill(bytes, at, at + length, (byte) 0);
        assertThat(Arrays.mismatch(Files.readAllBytes(disk), bytes))
                .as("first byte that is not as it should be")
                .isEqualTo(-1);
    }
}
