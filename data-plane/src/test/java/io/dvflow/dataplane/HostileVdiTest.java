package io.dvflow.dataplane;

import static io.dvflow.dataplane.Harm.corrupt;
import static io.dvflow.dataplane.Harm.hostile;
import static io.dvflow.dataplane.Harm.tooSmall;
import static io.dvflow.dataplane.Harm.unsupported;

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

/** Images of VirtualBox made to harm, or harmed: refused with a reason. */
class HostileVdiTest {

    private static final int BLOCK = 1 << 20;

    @TempDir
    static Path directory;

    private static HarmedImages images;
    private static byte[] good;

    @BeforeAll
    static void serve() throws IOException {
        images = new HarmedImages(directory);
        good = images.good("vdi");
    }

    @AfterAll
    static void stop() {
        images.close();
    }

    static Stream<Harm> harms() {
        return Stream.of(
                unsupported("version 1.0", b -> b.putInt(0x44, 0x0001_0000), "version 1.0"),
                unsupported("unknown type", b -> b.putInt(0x4c, 77), "type 77"),
                hostile("undo image", b -> b.putInt(0x4c, 3), "differences"),
                hostile("differencing image", b -> b.putInt(0x4c, 4), "differences"),
                hostile("link to another", b -> b.put(0x1a8 + 15, (byte) 1), "differences"),
                hostile("parent", b -> b.put(0x1b8 + 9, (byte) 1), "differences"),
                unsupported("no blocks", b -> b.putInt(0x178, 0), "blocks have 0 bytes"),
                unsupported("blocks of gigabytes", b -> b.putInt(0x178, 1 << 31), "blocks have 2147483648 bytes"),
                unsupported("blocks of 4 KiB", b -> b.putInt(0x178, 4096), "blocks have 4096 bytes"),
                unsupported("blocks with something beside", b -> b.putInt(0x17c, 512), "512 beside"),
                unsupported("sectors of 4 KiB", b -> b.putInt(0x168, 4096), "sectors have 4096"),
                hostile("negative size", b -> b.putLong(0x170, -512), "virtual size"),
                hostile("largest size", b -> b.putLong(0x170, Long.MAX_VALUE), "virtual size"),
                corrupt("more disk than blocks", b -> b.putLong(0x170, 5L * BLOCK), "needs 5"),
                corrupt("no blocks in the map", b -> b.putInt(0x180, 0), "needs 4"),
                corrupt("map of gigabytes", b -> b.putLong(0x170, 1L << 48).putInt(0x180, 1 << 28), "its map of"),
                tooSmall("disk of terabytes", b -> b.putLong(0x170, 1L << 40).putInt(0x180, 1 << 20), "is larger than"),
                corrupt("map behind the end", b -> b.putInt(0x154, -512), "its map of"),
                corrupt("map in the header", b -> b.putInt(0x154, 0), "its map of"),
                corrupt("map aslant", b -> b.putInt(0x154, 513), "where no sector begins"),
                corrupt("data aslant", b -> b.putInt(0x158, 513), "where no sector begins"),
                corrupt("data behind the end", b -> b.putInt(0x158, -512), "guest offset 0 lies at"),
                corrupt("data in the header", b -> b.putInt(0x158, 0), "in the place of its header"),
                corrupt("block behind the end", b -> b.putInt(map(b), -3), "guest offset 0 lies at"));
    }

    @ParameterizedTest
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) throws IOException {
        images.assertRefused(harm, good, ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void aDiskFilledFromOnePlaceIsRefused() throws IOException {
        Harm everywhere = corrupt("block everywhere", HostileVdiTest::repeatFirst, "named twice");

        images.assertRefused(everywhere, images.nearlyEmpty("vdi"), ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x44, 300, 600, 1024, BLOCK, 3 * BLOCK})
    void anImageCutShortIsRefused(int keep) throws IOException {
        images.assertRefusedWhenCutTo(keep, good);
    }

    private static int map(ByteBuffer b) {
        return b.getInt(0x154);
    }

    private static void repeatFirst(ByteBuffer b) {
        for (int i = 0; i < 4; i++) {
            b.putInt(map(b) + 4 * i, 0);
        }
    }
}
