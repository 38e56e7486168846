package io.dvflow.dataplane.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.dataplane.tar.TarEntry.Kind;
import io.dvflow.dataplane.tar.TestTar.Header;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.Mark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as tools make them, and archives made to harm. */
class TarReaderTest {

    @TempDir
    Path directory;

    @Test
    void namesSizesAndKindsAreRead() {
        byte[] archive = new TestTar()
                .directory("disk/")
                .file("disk/disk.img", "12345")
                .entry("disk/link", '2', new byte[0])
                .entry("dev/null", '3', new byte[0])
                .end();

        assertThat(entries(archive))
                .extracting(TarEntry::name, TarEntry::kind, TarEntry::size)
                .containsExactly(
                        tuple("disk/", Kind.DIRECTORY, 0L),
                        tuple("disk/disk.img", Kind.FILE, 5L),
                        tuple("disk/link", Kind.SYMBOLIC_LINK, 0L),
                        tuple("dev/null", Kind.OTHER, 0L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "posix", "ustar"})
    void whatTarMakesIsRead(String format) throws IOException, InterruptedException {
        String deep = "d".repeat(60) + "/" + "e".repeat(60) + "/" + "f".repeat(40) + ".img";
        Path file = directory.resolve("in").resolve(deep);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "content");
        Path archive = directory.resolve("x.tar");
        Process tar = new ProcessBuilder(
                        "tar", "--format=" + format, "-cf", archive.toString(), "-C", directory + "/in", ".")
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();

        List<TarEntry> found = entries(Files.readAllBytes(archive));

        assertThat(found)
                .filteredOn(entry -> entry.kind() == Kind.FILE)
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.path()).isEqualTo(deep);
                    assertThat(entry.size()).isEqualTo(7);
                });
    }

    @Test
    void extendedHeadersNameWhatFollowsThem() {
        byte[] archive = new TestTar()
                .pax("mtime=1.5", "path=disk/ä.img", "size=3")
                .file("short", "abc")
                .longName("disk/" + "x".repeat(300))
                .file("cut", "de")
                .entry("global", 'g', "19 path=not this\n".getBytes(StandardCharsets.UTF_8))
                .file("plain", "f")
                .end();

        assertThat(entries(archive))
                .extracting(TarEntry::name)
                .containsExactly("disk/ä.img", "disk/" + "x".repeat(300), "plain");
    }

    @Test
    void sizesOfMoreThanEightGigabytesAreRead() {
        byte[] binary = new Header("disk/big", '0', "").bytes();
        binary[124] = (byte) 0x80;
        ByteBuffer.wrap(binary).putLong(128, 100L << 30);
        TarReader gnu = new TarReader(new Bytes(Header.signed(binary)), "x");
        TarReader posix = new TarReader(
                new Bytes(new TestTar()
                        .pax("size=107374182400")
                        .header(new Header("disk/big", '0', "77777777777"))
                        .bytes()),
                "x");

        assertThat(gnu.next()).map(TarEntry::size).contains(100L << 30);
        assertThat(posix.next()).map(TarEntry::size).contains(100L << 30);
    }

    @Test
    void contentIsReadFromWhereItIsSaidToBe() {
        byte[] archive =
                new TestTar().file("a", "x".repeat(700)).file("b", "wanted").end();
        Bytes in = new Bytes(archive);
        TarReader reader = new TarReader(in, "x");
        reader.next();
        TarEntry b = reader.next().orElseThrow();

        assertThat(in.position()).isEqualTo(b.dataAt());
        assertThat(new String(archive, (int) b.dataAt(), (int) b.size(), StandardCharsets.UTF_8))
                .isEqualTo("wanted");
    }

    @Test
    void sparseFilesAreKnownForWhatTheyAre() {
        byte[] old = new Header("disk/old", 'S', "00000001000").bytes();
        old[482] = 1;
        byte[] more = new byte[512];
        byte[] archive = new TestTar()
                .raw(Header.signed(old))
                .raw(more)
                .content(new byte[512])
                .pax("GNU.sparse.major=1", "GNU.sparse.name=disk/new")
                .file("GNUSparseFile.0/new", "map and data")
                .file("after", "a")
                .end();

        assertThat(entries(archive)).extracting(TarEntry::sparse).containsExactly(true, true, false);
    }

    @ParameterizedTest
    @MethodSource("names")
    void namesAreTakenWithoutDetours(String written, String path) {
        byte[] archive = new TestTar().file(written, "x").end();

        assertThat(new TarReader(new Bytes(archive), "x").next().map(TarEntry::path))
                .contains(path);
    }

    static Stream<Arguments> names() {
        return Stream.of(
                arguments("disk/a", "disk/a"),
                arguments("./disk/a", "disk/a"),
                arguments("/disk//./a", "disk/a"),
                arguments("disk/", "disk"),
                arguments("./", ""),
                arguments("../disk/a", ""),
                arguments("disk/../../etc/passwd", ""),
                arguments("", ""));
    }

    private static Arguments arguments(Object... values) {
        return Arguments.of(values);
    }

    /** What is wrong with an archive, and what must be said of it. */
    record Harm(String name, byte[] archive, FailureReason reason, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Harm> harms() {
        byte[] good = new TestTar().file("disk/disk.img", "x".repeat(2000)).end();
        byte[] flipped = good.clone();
        flipped[3] ^= 1;
        return Stream.of(
                corrupt("no archive", random(4096), "no tar archive"),
                corrupt("text", "<html>".repeat(200).getBytes(StandardCharsets.UTF_8), "no tar archive"),
                corrupt("a flipped bit in a header", flipped, "checksum"),
                corrupt("cut in a header", Arrays.copyOf(good, 300), "in the middle of a header"),
                corrupt("cut in a file", Arrays.copyOf(good, 1000), "in the middle of a file"),
                corrupt(
                        "cut in an extended header",
                        Arrays.copyOf(new TestTar().longName("y".repeat(600)).bytes(), 700),
                        "in the middle of an extended header"),
                corrupt("negative size", sized((byte) 0xff), "size that makes no sense"),
                corrupt("size of more than any file", sized((byte) 0x81), "size that makes no sense"),
                corrupt("size of eleven letters", withSize("notanumber!"), "size that makes no sense"),
                corrupt("size near the end of numbers", largest(), "size that makes no sense"),
                corrupt("size behind the end", withSize("00077777777"), "in the middle of a file"),
                corrupt(
                        "goes on behind the end",
                        new TestTar().raw(new byte[512]).file("late", "x").end(),
                        "behind a block of zeros"),
                hostile(
                        "a name of gigabytes",
                        new TestTar()
                                .header(new Header("././@LongLink", 'L', "17777777777"))
                                .bytes()),
                hostile(
                        "a pax header of gigabytes",
                        new TestTar()
                                .header(new Header("PaxHeaders/0", 'x', "17777777777"))
                                .bytes()),
                hostile("extended headers without end", endlessExtensions()),
                corrupt(
                        "a sparse map without end",
                        new TestTar().raw(sparseForEver()).bytes(),
                        "in the middle of a header"),
                corrupt(
                        "a pax size behind the end",
                        new TestTar()
                                .pax("size=999999999999999999")
                                .file("a", "b")
                                .end(),
                        "in the middle of a file"));
    }

    @ParameterizedTest
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) {
        assertThatThrownBy(() -> entries(harm.archive)).isInstanceOfSatisfying(TransferFailure.class, failure -> {
            assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(harm.reason);
            assertThat(failure.getMessage()).contains(harm.says).contains("at byte");
        });
    }

    @Test
    void paxRecordsThatMakeNoSenseAreNoRecords() {
        byte[] archive = new TestTar()
                .entry("p", 'x', "99999999 path=a\n".getBytes(StandardCharsets.UTF_8))
                .file("one", "1")
                .entry("p", 'x', "-5 path=a\n".getBytes(StandardCharsets.UTF_8))
                .file("two", "2")
                .entry("p", 'x', "4 a=".getBytes(StandardCharsets.UTF_8))
                .file("three", "3")
                .entry("p", 'x', "3 =".getBytes(StandardCharsets.UTF_8))
                .file("four", "4")
                .pax("size=-1")
                .file("five", "5")
                .end();

        assertThat(entries(archive)).extracting(TarEntry::name).containsExactly("one", "two", "three", "four", "five");
    }

    @Test
    void randomDamageNeverDoesMoreThanFail() {
        byte[] good = new TestTar()
                .pax("path=disk/long", "size=700")
                .file("disk/a", "x".repeat(700))
                .longName("disk/b")
                .file("b", "y")
                .end();
        for (int seed = 0; seed < 2000; seed++) {
            byte[] bad = good.clone();
            Random random = new Random(seed);
            for (int i = 0; i < 1 + seed % 5; i++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                entries(bad);
            } catch (TransferFailure e) {
                assertThat(e.reason()).isIn(FailureReason.CORRUPT_IMAGE, FailureReason.HOSTILE_IMAGE);
            }
        }
    }

    private static Harm corrupt(String name, byte[] archive, String says) {
        return new Harm(name, archive, FailureReason.CORRUPT_IMAGE, says);
    }

    private static Harm hostile(String name, byte[] archive) {
        return new Harm(name, archive, FailureReason.HOSTILE_IMAGE, "more than a megabyte of extended headers");
    }

    private static byte[] withSize(String size) {
        return new TestTar().header(new Header("a", '0', size)).end();
    }

    private static byte[] sized(byte first) {
        byte[] block = new Header("a", '0', "").bytes();
        Arrays.fill(block, 124, 136, (byte) 0xff);
        block[124] = first;
        return Header.signed(block);
    }

    /** 2^62 and a bit: added to a position, it would be negative. */
    private static byte[] largest() {
        byte[] block = new Header("a", '0', "").bytes();
        block[124] = (byte) 0x80;
        ByteBuffer.wrap(block).putLong(128, Long.MAX_VALUE);
        return Header.signed(block);
    }

    private static byte[] endlessExtensions() {
        TestTar tar = new TestTar();
        for (int i = 0; i < 1100; i++) {
            tar.longName("x".repeat(600));
        }
        return tar.end();
    }

    private static byte[] sparseForEver() {
        byte[] header = new Header("s", 'S', "1").bytes();
        header[482] = 1;
        byte[] more = new byte[512 * 20];
        Arrays.fill(more, (byte) 1);
        return new TestTar().raw(Header.signed(header)).raw(more).bytes();
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(5).nextBytes(bytes);
        return bytes;
    }

    private static List<TarEntry> entries(byte[] archive) {
        TarReader reader = new TarReader(new Bytes(archive), "layer x");
        List<TarEntry> all = new ArrayList<>();
        for (Optional<TarEntry> entry = reader.next(); entry.isPresent(); entry = reader.next()) {
            all.add(entry.get());
        }
        return all;
    }

    /** Hands out bytes as a slow connection does: some at a time. */
    private static final class Bytes implements SequentialReader {
        private final ByteBuffer left;

        Bytes(byte[] bytes) {
            this.left = ByteBuffer.wrap(bytes);
        }

        @Override
        public int read(ByteBuffer into) {
            int count = Math.min(Math.min(into.remaining(), left.remaining()), 700);
            if (count == 0) {
                return -1;
            }
            into.put(left.slice(left.position(), count));
            left.position(left.position() + count);
            return count;
        }

        @Override
        public long position() {
            return left.position();
        }

        @Override
        public Mark mark() {
            return Mark.at(left.position());
        }

        @Override
        public void close() {
            // Bytes in memory.
        }
    }
}
