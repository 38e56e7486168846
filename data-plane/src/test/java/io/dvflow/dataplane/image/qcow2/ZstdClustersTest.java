package io.dvflow.dataplane.image.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.image.Run;
import io.dvflow.dataplane.report.TransferFailure;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Frames made by hand (RFC 8878): qemu-img packs each cluster as a single one. */
class ZstdClustersTest {

    private static final int CLUSTER = 64 << 10;
    private static final int HALF = CLUSTER / 2;
    private static final byte[] SKIPPABLE = HexFormat.of().parseHex("502a4d1803000000aabbcc");
    /** A single segment of no byte, and one empty raw block. */
    private static final byte[] EMPTY = HexFormat.of().parseHex("28b52ffd2000010000");

    private final byte[] into = new byte[2 * CLUSTER];

    @Test
    void aClusterMayLieInSeveralFramesAndFramesMayHoldNothing() {
        decode(join(SKIPPABLE, frame(HALF, 'a'), EMPTY, frame(HALF, 'b'), frame(HALF, 'c'), new byte[] {1, 2, 3}));

        assertThat(Arrays.copyOf(into, HALF)).containsOnly('a');
        assertThat(Arrays.copyOfRange(into, HALF, CLUSTER)).containsOnly('b');
        assertThat(Arrays.copyOfRange(into, CLUSTER, 2 * CLUSTER))
                .as("what follows the cluster")
                .containsOnly(0);
    }

    @Test
    void aFrameThatHoldsMoreThanTheClusterIsRefused() {
        assertRefused(frame(CLUSTER + 1, 'a'), "guest offset 0 cannot be decompressed");
    }

    @Test
    void aClusterThatHoldsTooLittleIsRefusedWithTheNumbers() {
        String message = "guest offset 0 holds 32768 bytes in place of 65536";
        assertRefused(frame(HALF, 'a'), message);
        assertRefused(join(frame(HALF, 'a'), EMPTY), message);
        assertRefused(join(frame(HALF, 'a'), new byte[300]), message);
    }

    @Test
    void whatIsCutShortOrNoFrameIsRefused() {
        byte[] frame = frame(CLUSTER, 'a');
        assertRefused(Arrays.copyOf(frame, frame.length - 1), "guest offset 0 cannot be decompressed");
        assertRefused(new byte[1000], "guest offset 0 cannot be decompressed");
    }

    private void assertRefused(byte[] packed, String message) {
        assertThatThrownBy(() -> decode(packed))
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining(message);
    }

    private void decode(byte[] packed) {
        try (ZstdClusters clusters = new ZstdClusters(CLUSTER)) {
            byte[] from = join(new byte[77], packed);
            clusters.decode(new Run.Compressed(0, CLUSTER, 1 << 20, packed.length), from, 77, into);
        }
    }

    /** A single segment with its size in four bytes, in one block that repeats a byte. */
    private static byte[] frame(int length, char of) {
        int block = length << 3 | 1 << 1 | 1;
        return join(HexFormat.of().parseHex("28b52ffda0"), littleEndian(length, 4), littleEndian(block, 3), new byte[] {
            (byte) of
        });
    }

    private static byte[] littleEndian(int number, int bytes) {
        byte[] result = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            result[i] = (byte) (number >> 8 * i);
        }
        return result;
    }

    private static byte[] join(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
