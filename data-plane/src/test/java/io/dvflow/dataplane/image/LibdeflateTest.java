package io.dvflow.dataplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.image.Libdeflate.Format;
import io.dvflow.dataplane.report.TransferFailure;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LibdeflateTest {

    private static final int CLUSTER = 64 << 10;
    private static final int OFFSET = 77;

    private final byte[] plain = text();
    private final byte[] into = new byte[CLUSTER];

    @ParameterizedTest
    @EnumSource
    void getsBackWhatZlibHasPackedAndIgnoresWhatFollows(Format format) {
        for (int level : new int[] {0, 1, 6, 9}) {
            byte[] packed = pack(plain, format, level);
            byte[] among = new byte[OFFSET + packed.length + 500];
            System.arraycopy(packed, 0, among, OFFSET, packed.length);
            Arrays.fill(into, (byte) 0xaa);

            assertThat(decompress(format, among, OFFSET, packed.length + 500)).isEqualTo(CLUSTER);
            assertThat(into).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysHowMuchAShortStreamHolds(Format format) {
        byte[] packed = pack(Arrays.copyOf(plain, 512), format, 6);

        assertThat(decompress(format, packed, 0, packed.length)).isEqualTo(512);
        assertThat(Arrays.copyOf(into, 512)).isEqualTo(Arrays.copyOf(plain, 512));
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatIsTooLongCutShortOrNonsense(Format format) {
        byte[] tooLong = pack(Arrays.copyOf(plain, CLUSTER + 1), format, 6);
        byte[] packed = pack(plain, format, 6);
        byte[] nonsense = new byte[1000];
        Arrays.fill(nonsense, (byte) 0xff);

        assertThat(decompress(format, tooLong, 0, tooLong.length)).isNegative();
        assertThat(decompress(format, packed, 0, packed.length / 2)).isNegative();
        assertThat(decompress(format, nonsense, 0, nonsense.length)).isNegative();
    }

    @Test
    void fillsNoMoreThanItsRoom() {
        byte[] packed = pack(plain, Format.RAW, 6);
        try (Libdeflate decoder = Libdeflate.open(Format.RAW).orElseThrow()) {
            assertThat(decoder.decompress(packed, 0, packed.length, into, CLUSTER - 1))
                    .isNegative();
        }
        assertThat(into[CLUSTER - 1]).isZero();
    }

    @Test
    void isOfNoUseOnceItIsClosed() {
        Libdeflate decoder = Libdeflate.open(Format.RAW).orElseThrow();
        decoder.close();

        assertThatThrownBy(() -> decoder.decompress(plain, 0, 100, into, CLUSTER))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(decoder::close).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void holdsZlibsCheckSum() {
        byte[] packed = pack(plain, Format.ZLIB, 6);
        packed[packed.length - 1] ^= 1;

        assertThat(decompress(Format.ZLIB, packed, 0, packed.length)).isNegative();
    }

    @Test
    void aClusterWhoseStreamGoesOnIsTakenAsQemuTakesIt() {
        byte[] tooLong = pack(Arrays.copyOf(plain, CLUSTER + 1), Format.RAW, 6);
        try (DeflateClusters clusters = new DeflateClusters(CLUSTER, new Refusal("qcow2"))) {
            clusters.decode(new Run.Compressed(0, CLUSTER, 0, tooLong.length), tooLong, 0, into);
        }
        assertThat(into).isEqualTo(plain);
    }

    @Test
    void aClusterThatHoldsTooLittleIsRefusedWithTheNumbers() {
        byte[] packed = pack(Arrays.copyOf(plain, 512), Format.RAW, 6);
        try (DeflateClusters clusters = new DeflateClusters(CLUSTER, new Refusal("qcow2"))) {
            assertThatThrownBy(() -> clusters.decode(new Run.Compressed(0, CLUSTER, 0, packed.length), packed, 0, into))
                    .isInstanceOf(TransferFailure.class)
                    .hasMessageContaining("holds 512 bytes in place of " + CLUSTER);
        }
    }

    private int decompress(Format format, byte[] from, int offset, int length) {
        try (Libdeflate decoder = Libdeflate.open(format).orElseThrow()) {
            return decoder.decompress(from, offset, length, into, CLUSTER);
        }
    }

    private static byte[] pack(byte[] plain, Format format, int level) {
        try (Deflater deflater = new Deflater(level, format == Format.RAW)) {
            deflater.setInput(plain);
            deflater.finish();
            byte[] packed = new byte[2 * plain.length + 100];
            return Arrays.copyOf(packed, deflater.deflate(packed));
        }
    }

    /** Half of it can be packed. */
    private static byte[] text() {
        byte[] text = new byte[CLUSTER];
        new Random(5).nextBytes(text);
        for (int i = 0; i < CLUSTER; i += 2) {
            text[i] = (byte) (i >> 8);
        }
        return text;
    }
}
