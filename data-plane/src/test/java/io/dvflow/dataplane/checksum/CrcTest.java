package io.dvflow.dataplane.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The check values of the catalogues, the JVM's own results, and the same wherever it was interrupted. */
class CrcTest {

    /** As in the "Catalogue of parametrised CRC algorithms". */
    @ParameterizedTest
    @CsvSource({"CRC32, cbf43926", "CRC32C, e3069283", "CRC64NVME, ae8b14860a799888"})
    void hasTheCheckValue(CrcAlgorithm algorithm, String hex) {
        byte[] check = "123456789".getBytes(StandardCharsets.US_ASCII);

        assertThat(HexFormat.of().formatHex(whole(algorithm, check))).isEqualTo(hex);
    }

    @ParameterizedTest
    @EnumSource
    void goesOnInAnotherPlace(CrcAlgorithm algorithm) {
        Random random = new Random(2);
        for (int round = 0; round < 200; round++) {
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            int cut = random.nextInt(bytes.length + 1);
            RunningDigest first = algorithm.start();
            update(first, bytes, 0, cut);
            assertThat(algorithm.fits(first.state(), cut)).isTrue();

            RunningDigest second = algorithm.start();
            second.goOnFrom(first.state(), cut);
            update(second, bytes, cut, bytes.length);

            assertThat(second.digest()).as("cut at " + cut).isEqualTo(whole(algorithm, bytes));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"CRC32", "CRC32C"})
    void isTheJvms(CrcAlgorithm algorithm) {
        byte[] bytes = new byte[100_003];
        new Random(3).nextBytes(bytes);
        Checksum jvms = algorithm == CrcAlgorithm.CRC32 ? new CRC32() : new CRC32C();
        jvms.update(bytes);

        assertThat(HexFormat.of().formatHex(whole(algorithm, bytes)))
                .isEqualTo(HexFormat.of().toHexDigits((int) jvms.getValue()));
    }

    private static byte[] whole(CrcAlgorithm algorithm, byte[] bytes) {
        RunningDigest digest = algorithm.start();
        update(digest, bytes, 0, bytes.length);
        return digest.digest();
    }

    private static void update(RunningDigest digest, byte[] bytes, int from, int to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, to - from));
            MemorySegment.copy(bytes, from, memory, ValueLayout.JAVA_BYTE, 0, to - from);
            digest.update(memory.asSlice(0, to - from));
        }
    }
}
