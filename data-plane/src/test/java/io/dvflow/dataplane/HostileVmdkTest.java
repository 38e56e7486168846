package io.dvflow.dataplane;

import static io.dvflow.dataplane.Harm.corrupt;
import static io.dvflow.dataplane.Harm.hostile;
import static io.dvflow.dataplane.Harm.unsupported;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Images of VMware made to harm, or harmed: refused with a reason. */
class HostileVmdkTest {

    private static final int SECTOR = 512;
    private static final int GRAIN = 64 << 10;
    private static final int MARKER = 12;
    private static final String DESCRIPTOR = """
            # Disk DescriptorFile
            version=1
            parentCID=ffffffff
            createType="monolithicSparse"
            RW 8192 SPARSE "disk.vmdk"
            """;

    @TempDir
    static Path directory;

    private static HarmedImages images;
    private static byte[] sparse;
    private static byte[] compressed;

    @BeforeAll
    static void serve() throws IOException {
        images = new HarmedImages(directory);
        sparse = images.good("vmdk");
        compressed = images.good("vmdk", "-o", "subformat=streamOptimized");
    }

    @AfterAll
    static void stop() {
        images.close();
    }

    static Stream<Harm> harms() {
        return Stream.of(
                unsupported("version 9", b -> b.putInt(4, 9), "version 9"),
                unsupported("unknown compression", b -> b.putShort(77, (short) 7), "method 7"),
                unsupported("compressed without markers", b -> b.putShort(77, (short) 1), "markers"),
                corrupt("transferred as text", b -> b.putInt(73, 0x0a0a_200a), "line ends"),
                hostile("no size", b -> b.putLong(12, 0), "virtual size"),
                hostile("negative size", b -> b.putLong(12, -8), "virtual size"),
                hostile("largest size", b -> b.putLong(12, Long.MAX_VALUE), "virtual size"),
                corrupt("disk of petabytes", b -> b.putLong(12, 1L << 42), "grain directory"),
                hostile("no grains", b -> b.putLong(20, 0), "grains of 0"),
                hostile("huge grains", b -> b.putLong(20, 1L << 31), "grains of 2147483648"),
                hostile("negative grains", b -> b.putLong(20, -128), "grains of"),
                hostile("ragged grains", b -> b.putLong(20, 100), "grains of 100"),
                hostile("empty tables", b -> b.putInt(44, 0), "grain tables of 0"),
                hostile("huge tables", b -> b.putInt(44, Integer.MAX_VALUE), "grain tables of"),
                corrupt("directory behind the end", b -> b.putLong(56, 1L << 40), "grain directory"),
                corrupt("directory in the header", b -> b.putLong(56, 0), "grain directory"),
                corrupt("directory at the end, which is none", b -> b.putLong(56, -1), "no footer"),
                corrupt("first grain behind the end", b -> b.putLong(64, 1L << 40), "first grain"),
                corrupt("table behind the end", b -> b.putInt(directory(b), -1), "grain directory entry 0"),
                corrupt("grain behind the end", b -> b.putInt(table(b), -1), "guest offset 0 lies at"),
                corrupt("grain in the header", b -> b.putInt(table(b), 1), "in the place of its tables"),
                corrupt("grain in its own table", b -> b.putInt(table(b), table(b) / SECTOR), "in the place of"),
                unsupported("no descriptor", b -> b.putLong(28, 0), "no descriptor"),
                hostile("descriptor of megabytes", b -> b.putLong(28, 1).putLong(36, 4096), "descriptor of"),
                corrupt("descriptor behind the end", b -> b.putLong(28, 1L << 50), "descriptor"),
                hostile("parent", b -> describe(b, "ffffffff", "12345678"), "differences"),
                hostile(
                        "name of a parent",
                        b -> describe(b, "RW", "parentFileNameHint=\"/etc/shadow\"\nRW"),
                        "differences"),
                hostile("flat", b -> describe(b, "monolithicSparse", "monolithicFlat"), "monolithicflat"),
                hostile("split", b -> describe(b, "monolithicSparse", "twoGbMaxExtentSparse"), "twogbmaxextentsparse"),
                hostile("a device", b -> describe(b, "monolithicSparse", "fullDevice"), "fulldevice"),
                hostile("no type", b -> describe(b, "createType", "type"), "not a disk in one file"),
                hostile("another file", b -> describe(b, "RW", "RW 1 FLAT \"/etc/shadow\" 0\nRW"), "names 2 extents"),
                hostile("only another file", b -> describe(b, "SPARSE", "FLAT"), "not this file alone"),
                hostile("no extent", b -> describe(b, "RW", "#"), "names 0 extents"),
                hostile("encrypted", b -> describe(b, "RW", "encryption.keySafe=\"x\"\nRW"), "encrypted"));
    }

    @ParameterizedTest
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) throws IOException {
        images.assertRefused(harm, sparse, ByteOrder.LITTLE_ENDIAN);
    }

    static Stream<Harm> harmsToGrains() {
        return Stream.of(
                corrupt("of another place", b -> b.putLong(grain(b), 77), "says sector 77"),
                corrupt("twice", b -> b.putInt(table(b) + 4, b.getInt(table(b))), "says sector 0"),
                corrupt("without a byte", b -> b.putInt(grain(b) + 8, 0), "claims 0 compressed bytes"),
                corrupt("of negative length", b -> b.putInt(grain(b) + 8, -5), "compressed bytes"),
                corrupt("of gigabytes", b -> b.putInt(grain(b) + 8, Integer.MAX_VALUE), "compressed bytes"),
                corrupt("up into the next", b -> b.putInt(grain(b) + 8, 2 * GRAIN), "there is room for"),
                corrupt("behind the end", b -> b.putInt(table(b), -1), "guest offset 0 lies at"),
                corrupt("in the header", b -> b.putInt(table(b), 1), "in the place of its tables"),
                corrupt("that is none", b -> b.putLong(grain(b) + MARKER, 0x5555_5555_5555_5555L), "decompressed"),
                corrupt("cut short", b -> b.putInt(grain(b) + 8, b.getInt(grain(b) + 8) / 2), "cut short"),
                corrupt("with a wrong check sum", HostileVmdkTest::breakCheckSum, "cannot be decompressed"),
                corrupt("of too few bytes", b -> putGrain(b, 1000), "holds 1000 bytes in place of 65536"),
                corrupt("of a byte too many", b -> putGrain(b, GRAIN + 1), "does not end after 65536"),
                corrupt("of 40 megabytes", b -> putGrain(b, 40 << 20), "does not end after 65536"));
    }

    @ParameterizedTest
    @MethodSource("harmsToGrains")
    void aHarmedGrainIsRefused(Harm harm) throws IOException {
        images.assertRefused(harm, compressed, ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void aDiskFilledFromOnePlaceIsRefused() throws IOException {
        Harm everywhere = corrupt("grain everywhere", HostileVmdkTest::repeatFirst, "named twice");

        images.assertRefused(everywhere, images.nearlyEmpty("vmdk"), ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.0001, 0.005, 0.03, 0.2, 0.6, 0.99})
    void anImageCutShortIsRefused(double keep) throws IOException {
        images.assertRefusedWhenCutTo((int) (sparse.length * keep) + 8, sparse);
        images.assertRefusedWhenCutTo((int) (compressed.length * keep) + 8, compressed);
    }

    @Test
    void aDescriptorFileIsRefusedWithTheWayOut() throws IOException {
        Failed failed = images.refused(DESCRIPTOR.getBytes(StandardCharsets.ISO_8859_1));

        assertThat(failed.reason()).isEqualTo(FailureReason.HOSTILE_IMAGE);
        assertThat(failed.message()).contains("names the files of a disk").contains("qemu-img convert");
    }

    @Test
    void theDescriptorOfTheseTestsIsAGoodOne() {
        byte[] image = sparse.clone();
        describe(ByteBuffer.wrap(image), "RW", "RW");

        assertThat(new MemorySource(image).open().virtualSize()).isEqualTo(HarmedImages.SIZE);
    }

    private static int directory(ByteBuffer b) {
        return (int) b.getLong(56) * SECTOR;
    }

    private static int table(ByteBuffer b) {
        return b.getInt(directory(b)) * SECTOR;
    }

    private static int grain(ByteBuffer b) {
        return b.getInt(table(b)) * SECTOR;
    }

    private static void repeatFirst(ByteBuffer b) {
        for (int i = 0; i < HarmedImages.SIZE / GRAIN; i++) {
            b.putInt(table(b) + 4 * i, b.getInt(table(b)));
        }
    }

    private static void describe(ByteBuffer b, String part, String instead) {
        byte[] text = DESCRIPTOR.replaceFirst(part, instead).getBytes(StandardCharsets.ISO_8859_1);
        b.put(SECTOR, Arrays.copyOf(text, 20 * SECTOR));
    }

    private static void breakCheckSum(ByteBuffer b) {
        int last = grain(b) + MARKER + b.getInt(grain(b) + 8) - 1;
        b.put(last, (byte) ~b.get(last));
    }

    /** Puts zeros in the first grain's place, as many as you like. */
    private static void putGrain(ByteBuffer b, int bytes) {
        byte[] stream = new byte[GRAIN];
        try (Deflater deflater = new Deflater()) {
            deflater.setInput(new byte[bytes]);
            deflater.finish();
            int length = deflater.deflate(stream);
            b.put(grain(b) + MARKER, stream, 0, length).putInt(grain(b) + 8, length);
        }
    }
}
