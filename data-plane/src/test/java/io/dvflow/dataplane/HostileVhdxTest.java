package io.dvflow.dataplane;

import static io.dvflow.dataplane.Harm.corrupt;
import static io.dvflow.dataplane.Harm.hostile;
import static io.dvflow.dataplane.Harm.tooSmall;
import static io.dvflow.dataplane.Harm.unsupported;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Disks of Hyper-V made to harm, or harmed: refused with a reason. */
class HostileVhdxTest {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final int HEADER = 64 * KIB;
    private static final int OTHER_HEADER = 128 * KIB;
    private static final int REGIONS = 192 * KIB;
    private static final int OTHER_REGIONS = 256 * KIB;
    /** Of the region table's first and second entry, as qemu-img writes them. */
    private static final int BLOCK_TABLE = REGIONS + 16;

    private static final int METADATA = BLOCK_TABLE + 32;

    @TempDir
    static Path directory;

    private static HarmedImages images;
    private static byte[] good;

    @BeforeAll
    static void serve() throws IOException {
        images = new HarmedImages(directory);
        good = images.good("vhdx", "-o", "block_size=1M");
    }

    @AfterAll
    static void stop() {
        images.close();
    }

    static Stream<Harm> harmsToHeaders() {
        return Stream.of(
                corrupt(
                        "both headers changed",
                        b -> b.putLong(HEADER + 16, 1).putLong(OTHER_HEADER + 16, 1),
                        "neither"),
                corrupt("no header", b -> b.putInt(HEADER, 0).putInt(OTHER_HEADER, 0), "neither of its headers"),
                unsupported("version 2", sealed(inBoth((b, h) -> b.putShort(h + 66, (short) 2))), "version 2"),
                unsupported("a log to replay", sealed(inBoth((b, h) -> b.putLong(h + 48, 7))), "its log holds"),
                corrupt("log aslant", sealed(inBoth((b, h) -> b.putLong(h + 72, MIB + 4096))), "its log of"),
                corrupt("log behind the end", sealed(inBoth((b, h) -> b.putLong(h + 72, 1L << 40))), "its log of"),
                corrupt("log in the header", sealed(inBoth((b, h) -> b.putLong(h + 72, 0))), "its log of"),
                corrupt(
                        "both region tables changed",
                        b -> b.putInt(REGIONS + 16, 0).putInt(OTHER_REGIONS + 16, 0),
                        "neither of its region tables"),
                hostile("regions without end", sealed(b -> b.putInt(REGIONS + 8, -1)), "4294967295 entries"),
                corrupt("no regions", sealed(b -> b.putInt(REGIONS + 8, 0)), "names no block table"),
                corrupt("no metadata", sealed(b -> b.putInt(REGIONS + 8, 1)), "names no metadata"),
                corrupt("two block tables", sealed(HostileVhdxTest::repeatBlockTable), "twice"),
                unsupported("a region to understand", sealed(HostileVhdxTest::addRegion), "must be understood"),
                corrupt("block table behind the end", sealed(b -> b.putLong(BLOCK_TABLE + 16, 1L << 50)), "cut short"),
                corrupt("block table among the headers", sealed(b -> b.putLong(BLOCK_TABLE + 16, 0)), "none can be"),
                corrupt("block table aslant", sealed(b -> b.putLong(BLOCK_TABLE + 16, 2 * MIB + 8)), "none can be"),
                corrupt("block table of gigabytes", sealed(b -> b.putInt(BLOCK_TABLE + 24, -MIB)), "cut short"),
                corrupt("block table of nothing", sealed(b -> b.putInt(BLOCK_TABLE + 24, 0)), "none can be"),
                corrupt("metadata behind the end", sealed(b -> b.putLong(METADATA + 16, 1L << 50)), "cut short"),
                corrupt("metadata of a byte", sealed(b -> b.putInt(METADATA + 24, 1)), "its table alone"));
    }

    static Stream<Harm> harmsToMetadata() {
        return Stream.of(
                corrupt("no signature", b -> b.putLong(metadata(b), 0), "metadata should be"),
                corrupt("items without end", b -> b.putShort(metadata(b) + 10, (short) -1), "metadata should be"),
                corrupt("no items", b -> b.putShort(metadata(b) + 10, (short) 0), "names no file parameters"),
                unsupported("an item to understand", b -> b.putInt(metadata(b) + 32, 0), "must be understood"),
                corrupt("item behind the end", b -> b.putInt(metadata(b) + 48, -8), "file parameters of 8 bytes"),
                corrupt("item in the table", b -> b.putInt(metadata(b) + 48, 0), "file parameters of 8 bytes"),
                corrupt("item of no length", b -> b.putInt(metadata(b) + 52, 0), "file parameters of 0 bytes"),
                hostile("a parent", b -> b.putInt(item(b, 0) + 4, 2), "differences"),
                hostile("no blocks", b -> b.putInt(item(b, 0), 0), "blocks of 0 bytes"),
                hostile("blocks of gigabytes", b -> b.putInt(item(b, 0), 1 << 31), "blocks of 2147483648"),
                hostile("ragged blocks", b -> b.putInt(item(b, 0), 3 * MIB), "blocks of 3145728"),
                hostile("blocks of 4 KiB", b -> b.putInt(item(b, 0), 4096), "blocks of 4096"),
                hostile("no size", b -> b.putLong(item(b, 1), 0), "virtual size of 0"),
                hostile("negative size", b -> b.putLong(item(b, 1), -512), "virtual size"),
                hostile("size of petabytes", b -> b.putLong(item(b, 1), 1L << 50), "64 TiB"),
                hostile("ragged size", b -> b.putLong(item(b, 1), 1000), "whole sectors"),
                corrupt("more disk than table", b -> b.putLong(item(b, 1), 1L << 40), "needs 8"),
                tooSmall("disk of 64 GiB", b -> b.putLong(item(b, 1), 64L << 30), "is larger than"),
                unsupported("sectors of 4 KiB", b -> b.putInt(item(b, 3), 4096), "sectors of 4096"),
                unsupported("no sectors", b -> b.putInt(item(b, 3), 0), "sectors of 0"));
    }

    static Stream<Harm> harmsToBlocks() {
        return Stream.of(
                hostile("partly in a parent", b -> b.putLong(table(b), b.getLong(table(b)) | 7), "another image"),
                corrupt("in no known state", b -> b.putLong(table(b), 4), "state 4"),
                corrupt("behind the end", b -> b.putLong(table(b), 1L << 50 | 6), "guest offset 0 lies at"),
                corrupt("at the largest offset", b -> b.putLong(table(b), -1L << 20 | 6), "guest offset 0 lies at"),
                corrupt("among the headers", b -> b.putLong(table(b), 6), "in the place of its headers"),
                corrupt("in the log", b -> b.putLong(table(b), MIB | 6), "in the place of its log"),
                corrupt("in the table", b -> b.putLong(table(b), table(b) | 6), "in the place of its block table"),
                corrupt("in the metadata", b -> b.putLong(table(b), metadata(b) | 6), "in the place of its metadata"));
    }

    @ParameterizedTest
    @MethodSource({"harmsToHeaders", "harmsToMetadata", "harmsToBlocks"})
    void isRefusedAndSaysWhy(Harm harm) throws IOException {
        images.assertRefused(harm, good, ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void aDiskFilledFromOnePlaceIsRefused() throws IOException {
        Harm everywhere = corrupt("block everywhere", HostileVhdxTest::repeatFirst, "named twice");

        images.assertRefused(everywhere, images.nearlyEmpty("vhdx", "-o", "block_size=1M"), ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, HEADER + 100, REGIONS + 100, MIB, 2 * MIB + 100, 3 * MIB + 100, 4 * MIB + 100, 6 * MIB})
    void anImageCutShortIsRefused(int keep) throws IOException {
        images.assertRefusedWhenCutTo(keep, good);
    }

    @Test
    void theNewerHeaderCountsAndTheOtherStandsIn() {
        ByteBuffer b = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
        b.putLong(HEADER + 8, 5).putLong(OTHER_HEADER + 8, 4).putLong(OTHER_HEADER + 48, 7);
        Seals.sealVhdx(b);
        b.putInt(REGIONS, 0);

        assertThat(new MemorySource(b.array()).open().virtualSize()).isEqualTo(HarmedImages.SIZE);

        b.putInt(OTHER_HEADER, 0);
        assertThat(new MemorySource(b.array()).open().virtualSize()).isEqualTo(HarmedImages.SIZE);
    }

    private static Consumer<ByteBuffer> sealed(Consumer<ByteBuffer> act) {
        return act.andThen(Seals::sealVhdx);
    }

    private static Consumer<ByteBuffer> inBoth(BiConsumer<ByteBuffer, Integer> act) {
        return b -> {
            act.accept(b, HEADER);
            act.accept(b, OTHER_HEADER);
        };
    }

    private static int table(ByteBuffer b) {
        return (int) b.getLong(BLOCK_TABLE + 16);
    }

    private static int metadata(ByteBuffer b) {
        return (int) b.getLong(METADATA + 16);
    }

    /** Where the item lies of which the metadata's table speaks at that place. */
    private static int item(ByteBuffer b, int index) {
        return metadata(b) + b.getInt(metadata(b) + 32 + 32 * index + 16);
    }

    private static void repeatBlockTable(ByteBuffer b) {
        b.put(METADATA, b, BLOCK_TABLE, 32);
    }

    private static void addRegion(ByteBuffer b) {
        b.putInt(REGIONS + 8, 3).putInt(METADATA + 32, 99).putInt(METADATA + 32 + 28, 1);
    }

    /** The log takes what qemu-img leaves free before the first block. */
    private static void repeatFirst(ByteBuffer b) {
        inBoth((image, header) -> image.putInt(header + 68, 7 * MIB)).accept(b);
        Seals.sealVhdx(b);
        for (int i = 0; i < 4; i++) {
            b.putLong(table(b) + 8 * i, b.getLong(table(b)));
        }
    }
}
