package io.dvflow.dataplane;

import static io.dvflow.dataplane.Harm.corrupt;
import static io.dvflow.dataplane.Harm.hostile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of the first version of qcow made to harm, or harmed: refused with a reason. */
class HostileQcowTest {

    private static final int SIZE_BITS = 63 - 12;
    private static final long COMPRESSED = 1L << 63;

    @TempDir
    static Path directory;

    private static HarmedImages images;
    private static byte[] good;
    private static byte[] compressed;

    @BeforeAll
    static void serve() throws IOException {
        images = new HarmedImages(directory);
        good = images.good("qcow");
        compressed = images.good("qcow", "-c");
    }

    @AfterAll
    static void stop() {
        images.close();
    }

    static Stream<Harm> harms() {
        return Stream.of(
                hostile("backing file", b -> b.putLong(8, 48).putInt(16, 11), "backing file"),
                hostile("backing file without a name", b -> b.putInt(16, 11), "backing file"),
                hostile("encrypted", b -> b.putInt(36, 1), "encrypted"),
                hostile("no clusters", b -> b.put(32, (byte) 0), "clusters of 2^0"),
                hostile("clusters of gigabytes", b -> b.put(32, (byte) 31), "clusters of 2^31"),
                hostile("largest clusters", b -> b.put(32, (byte) -1), "clusters of 2^255"),
                hostile("tables of gigabytes", b -> b.put(33, (byte) 31), "tables of 2^31"),
                hostile("no tables", b -> b.put(33, (byte) 0), "tables of 2^0"),
                hostile("no size", b -> b.putLong(24, 0), "virtual size of 0"),
                hostile("negative size", b -> b.putLong(24, -512), "virtual size"),
                hostile("largest size", b -> b.putLong(24, Long.MAX_VALUE), "virtual size"),
                corrupt("disk of petabytes", b -> b.putLong(24, 1L << 50), "L1 table of"),
                corrupt("L1 table behind the end", b -> b.putLong(40, 1L << 40), "L1 table of"),
                corrupt("L1 table at a negative offset", b -> b.putLong(40, -8), "L1 table of"),
                corrupt("L1 table in the header", b -> b.putLong(40, 8), "L1 table of"),
                corrupt("L2 table behind the end", b -> b.putLong(l1(b), 1L << 40), "L1 entry 0"),
                corrupt("L2 table at a negative offset", b -> b.putLong(l1(b), -8), "L1 entry 0"),
                corrupt("data behind the end", b -> b.putLong(l2(b), 1L << 40), "guest offset 0 lies at"),
                corrupt("data aslant", b -> b.putLong(l2(b), b.getLong(l2(b)) + 8), "no sector begins"));
    }

    @ParameterizedTest
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) throws IOException {
        images.assertRefused(harm, good, ByteOrder.BIG_ENDIAN);
    }

    static Stream<Harm> harmsToClusters() {
        return Stream.of(
                corrupt("behind the end", b -> b.putLong(l2(b), COMPRESSED | 9L << SIZE_BITS | 1L << 40), "lies at"),
                corrupt(
                        "up behind the end",
                        b -> b.putLong(l2(b), COMPRESSED | 9L << SIZE_BITS | b.capacity() - 5),
                        "lies at"),
                corrupt("without a byte", b -> b.putLong(l2(b), COMPRESSED | 8192), "has no bytes"),
                corrupt("in the header", b -> b.putLong(l2(b), COMPRESSED | 9L << SIZE_BITS), "place of its header"),
                corrupt(
                        "that is none",
                        b -> b.putLong(l2(b), COMPRESSED | 900L << SIZE_BITS | l2(b)),
                        "compressed cluster"),
                corrupt("of which half is missing", HostileQcowTest::halveFirstCluster, "in place of 4096"));
    }

    @ParameterizedTest
    @MethodSource("harmsToClusters")
    void aHarmedClusterIsRefused(Harm harm) throws IOException {
        images.assertRefused(harm, compressed, ByteOrder.BIG_ENDIAN);
    }

    @Test
    void aDiskFilledFromOnePlaceIsRefused() throws IOException {
        Harm everywhere = corrupt("cluster everywhere", HostileQcowTest::repeatFirst, "named twice");

        images.assertRefused(everywhere, images.nearlyEmpty("qcow"), ByteOrder.BIG_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.00001, 0.001, 0.1, 0.5, 0.99})
    void anImageCutShortIsRefused(double keep) throws IOException {
        images.assertRefusedWhenCutTo((int) (good.length * keep) + 8, good);
        images.assertRefusedWhenCutTo((int) (compressed.length * keep) + 8, compressed);
    }

    private static int l1(ByteBuffer b) {
        return (int) b.getLong(40);
    }

    private static int l2(ByteBuffer b) {
        return (int) b.getLong(l1(b));
    }

    private static void repeatFirst(ByteBuffer b) {
        for (int i = 0; i < 512; i++) {
            b.putLong(l2(b) + 8 * i, b.getLong(l2(b)));
        }
    }

    /** The first cluster that is compressed at all, which random bytes are not. */
    private static void halveFirstCluster(ByteBuffer b) {
        for (int table = 0; table < 2; table++) {
            int l2 = (int) b.getLong(l1(b) + 8 * table);
            for (int i = 0; l2 != 0 && i < 512; i++) {
                long entry = b.getLong(l2 + 8 * i);
                if (entry < 0) {
                    long size = (entry & ~COMPRESSED) >>> SIZE_BITS;
                    long place = entry & (1L << SIZE_BITS) - 1;
                    b.putLong(l2 + 8 * i, COMPRESSED | Math.max(1, size / 2) << SIZE_BITS | place);
                    return;
                }
            }
        }
        throw new IllegalStateException("The image has no compressed cluster");
    }
}
