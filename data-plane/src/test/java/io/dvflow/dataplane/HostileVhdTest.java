package io.dvflow.dataplane;

import static io.dvflow.dataplane.Harm.corrupt;
import static io.dvflow.dataplane.Harm.hostile;
import static io.dvflow.dataplane.Harm.tooSmall;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Virtual hard disks made to harm, or harmed: refused with a reason. */
class HostileVhdTest {

    private static final int HEADER = 512;
    private static final int BLOCK = 2 << 20;

    @TempDir
    static Path directory;

    private static HarmedImages images;
    private static byte[] good;

    @BeforeAll
    static void serve() throws IOException {
        images = new HarmedImages(directory);
        good = images.good("vpc", "-o", "force_size=on");
    }

    @AfterAll
    static void stop() {
        images.close();
    }

    static Stream<Harm> harms() {
        return Stream.of(
                corrupt("a footer that is not as it was", b -> b.putInt(24, 1), "check sum of its footer"),
                corrupt("a header that is not as it was", b -> b.putInt(HEADER + 24, 7), "wrong check sum"),
                hostile("differencing", sealed(b -> b.putInt(60, 4)), "differences"),
                corrupt("fixed, with blocks", sealed(b -> b.putInt(60, 2)), "type 2"),
                corrupt("unknown type", sealed(b -> b.putInt(60, -1)), "type 4294967295"),
                hostile("no size", sealed(b -> b.putLong(48, 0)), "virtual size"),
                hostile("negative size", sealed(b -> b.putLong(48, -512)), "virtual size"),
                hostile("size over the limit", sealed(b -> b.putLong(48, 1L << 42)), "2040 GiB"),
                corrupt("header behind the end", sealed(b -> b.putLong(16, 1L << 40)), "its header lies at"),
                corrupt("header at a negative offset", sealed(b -> b.putLong(16, -512)), "its header lies at"),
                corrupt("header at the footer's place", sealed(b -> b.putLong(16, 0)), "header should be"),
                hostile("no blocks", sealed(b -> b.putInt(HEADER + 32, 0)), "blocks of 0 bytes"),
                hostile("blocks of gigabytes", sealed(b -> b.putInt(HEADER + 32, 1 << 31)), "blocks of 2147483648"),
                hostile("ragged blocks", sealed(b -> b.putInt(HEADER + 32, 3 << 20)), "blocks of 3145728"),
                corrupt("table too small", sealed(b -> b.putInt(HEADER + 28, 1)), "needs 2"),
                corrupt("table behind the end", sealed(b -> b.putLong(HEADER + 16, 1L << 40)), "block table lies at"),
                corrupt("table at a negative offset", sealed(b -> b.putLong(HEADER + 16, -4)), "block table lies at"),
                tooSmall(
                        "disk of a terabyte",
                        sealed(b -> b.putLong(48, 1L << 40)
                                .putInt(HEADER + 28, 1 << 19)
                                .putLong(HEADER + 16, 2048)),
                        "is larger than"),
                corrupt("block behind the end", b -> b.putInt(table(b), -2), "guest offset 0 lies at"),
                corrupt("block in the header", b -> b.putInt(table(b), 0), "in the place of its header"),
                corrupt(
                        "block in its table",
                        b -> b.putInt(table(b), table(b) / 512 - 1),
                        "in the place of its block"));
    }

    @ParameterizedTest
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) throws IOException {
        images.assertRefused(harm, good, ByteOrder.BIG_ENDIAN);
    }

    @Test
    void aDiskFilledFromOnePlaceIsRefused() throws IOException {
        Harm everywhere = corrupt("block everywhere", HostileVhdTest::repeatFirst, "named twice");

        images.assertRefused(everywhere, images.nearlyEmpty("vpc", "-o", "force_size=on"), ByteOrder.BIG_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 511, 512, 1535, 1536, 2000, BLOCK, 2 * BLOCK})
    void anImageCutShortIsRefused(int keep) throws IOException {
        images.assertRefusedWhenCutTo(keep, good);
    }

    /** The check sums are made right again, so that it is the harm that is seen. */
    private static Consumer<ByteBuffer> sealed(Consumer<ByteBuffer> act) {
        return act.andThen(Seals::sealVhd);
    }

    private static int table(ByteBuffer b) {
        return (int) b.getLong(HEADER + 16);
    }

    private static void repeatFirst(ByteBuffer b) {
        b.putInt(table(b) + 4, b.getInt(table(b)));
    }
}
