package io.dvflow.activities.claim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilesystemSpaceTest {

    private static final long MIB = 1024 * 1024;

    @ParameterizedTest
    @CsvSource({
        // A GiB at the default; the fraction of a byte is rounded up.
        "0.06, 1073741824, 1138166334",
        "0.055, 1073741824, 1132797625",
        "0, 1073741824, 1073741824",
        "1, 1048576, 2097152",
        // Not whole MiB: aligned first.
        "0.06, 1, 1111491",
        "0.06, 1048577, 2222982",
    })
    void aClaimIsTheDiskAndTheOverhead(String overhead, long disk, long claim) {
        assertThat(FilesystemSpace.ofOverhead(overhead).required(disk)).isEqualTo(claim);
    }

    @Test
    void aDiskAlwaysFitsIntoTheClaimMadeForIt() {
        var random = new Random(20261121);
        for (int i = 0; i < 20_000; i++) {
            var space = new FilesystemSpace(random.nextInt(1001));
            long disk = FilesystemSpace.roundUpToMib(1 + random.nextLong(16L << 40));

            assertThat(space.usable(space.required(disk)))
                    .as("disk of %d bytes with %s", disk, space)
                    .isEqualTo(disk);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1", "-0.1", "0.0555", "six", ""})
    void refusesOtherFigures(String figure) {
        assertThatThrownBy(() -> FilesystemSpace.ofOverhead(figure))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + figure + "\"");
    }

    @Test
    void roundsUpToMebibytes() {
        assertThat(FilesystemSpace.roundUpToMib(1)).isEqualTo(MIB);
        assertThat(FilesystemSpace.roundUpToMib(MIB)).isEqualTo(MIB);
        assertThat(FilesystemSpace.roundUpToMib(MIB + 1)).isEqualTo(2 * MIB);
    }
}
