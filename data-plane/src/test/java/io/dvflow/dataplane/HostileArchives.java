package io.dvflow.dataplane;

import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.dataplane.tar.TestTar.Header;
import io.dvflow.transfer.FailureReason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** A corpus of archives: made to harm, odd but right, and real ones with bytes changed. */
final class HostileArchives {

    private static final int MIB = 1 << 20;
    /** What a volume for them takes. */
    static final int ROOM = 4 * MIB;

    private static final int MUTANTS_OF_EACH = 20;

    private HostileArchives() {}

    /**
     * An archive that is refused.
     *
     * @param says part of the message
     */
    record Harm(String name, byte[] archive, FailureReason reason, String says) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Harm> harms() {
        return Stream.of(waysOut(), kinds(), headers(), ends(), sizes()).flatMap(each -> each);
    }

    private static Stream<Harm> waysOut() {
        return Stream.of(
                hostile("upwards", tar().file("../outside/x", "x"), "'../outside/x' has a name that leads upwards"),
                hostile("upwards in the middle", tar().file("a/../../outside/x", "x"), "leads upwards"),
                hostile("upwards at the end", tar().directory("a/.."), "leads upwards"),
                hostile("upwards and back", tar().file("a/../b", "x"), "leads upwards"),
                hostile("upwards, absolute", tar().file("/../outside/x", "x"), "leads upwards"),
                hostile(
                        "upwards in a pax header",
                        tar().pax("path=../outside/x").file("x", "x"),
                        "leads upwards"),
                hostile("upwards in a long name", tar().longName("../outside/x").file("x", "x"), "leads upwards"),
                hostile(
                        "through a symbolic link",
                        tar().symbolicLink("door", "../outside").file("door/x", "x"),
                        "'door/x' lies below 'door', which is a link"),
                hostile(
                        "through an absolute symbolic link",
                        tar().symbolicLink("door", "/tmp").file("door/x", "x"),
                        "lies below 'door'"),
                hostile(
                        "through a link in a directory",
                        tar().directory("a").symbolicLink("a/door", "..").file("a/door/x", "x"),
                        "lies below 'door'"),
                hostile(
                        "through a chain of links",
                        tar().symbolicLink("a", "b")
                                .symbolicLink("b", "../outside")
                                .file("a/x", "x"),
                        "lies below 'a'"),
                hostile(
                        "a directory made through a link",
                        tar().symbolicLink("door", "../outside").directory("door/new"),
                        "lies below 'door'"),
                hostile(
                        "a link made through a link",
                        tar().symbolicLink("door", "../outside").symbolicLink("door/x", "y"),
                        "lies below 'door'"),
                hostile(
                        "a link in place of a directory that was filled",
                        tar().file("a/b", "x").symbolicLink("a", "../outside").file("a/x", "x"),
                        "takes the place of a directory"),
                hostile(
                        "a hard link upwards",
                        tar().hardLink("x", "../outside/secret"),
                        "has a link that leads upwards"),
                hostile("an absolute hard link", tar().hardLink("x", "/etc/passwd"), "which is no file"),
                hostile(
                        "a hard link through a symbolic link",
                        tar().symbolicLink("door", "../outside").hardLink("x", "door/secret"),
                        "hard link to 'door/secret', which is no file"),
                hostile(
                        "a hard link to nothing",
                        tar().hardLink("x", "y"),
                        "which is no file that the archive has had"),
                hostile("a hard link to a directory", tar().directory("d").hardLink("x", "d"), "which is no file"),
                hostile("below a file", tar().file("a", "x").file("a/b", "x"), "lies below 'a'"),
                hostile("the journal", tar().file(".dvflow-journal.json", "{}"), "keeps for itself"),
                hostile("the next journal", tar().symbolicLink(".dvflow-journal.json.new", "x"), "keeps for itself"),
                hostile("the directory for it", tar().file("./.dvflow-archive/x", "x"), "keeps for itself"));
    }

    private static Stream<Harm> kinds() {
        return Stream.of(
                unsupported("a character device", tar().entry("dev/null", '3', none()), "is a character device"),
                unsupported("a block device", tar().entry("dev/sda", '4', none()), "'dev/sda' is a block device"),
                unsupported("a pipe", tar().entry("pipe", '6', none()), "is a named pipe"),
                unsupported("an incremental backup", tar().entry("d", 'D', none()), "incremental backup"),
                unsupported("a second volume", tar().entry("m", 'M', none()), "another archive"),
                unsupported("a kind nobody knows", tar().entry("odd", 'Q', none()), "is of type 'Q'"),
                unsupported("an old sparse file", tar().entry("s", 'S', new byte[512]), "sparse file"),
                unsupported(
                        "a sparse file, pax 0.0",
                        tar().pax("GNU.sparse.size=9", "GNU.sparse.numblocks=1").file("s", "x"),
                        "sparse file"),
                unsupported(
                        "a sparse file, pax 1.0",
                        tar().pax("GNU.sparse.major=1", "GNU.sparse.name=s").file("s", "x"),
                        "Make the archive without --sparse"));
    }

    private static Stream<Harm> headers() {
        return Stream.of(
                hostile(
                        "a part of a name too long",
                        tar().longName("x".repeat(256)).file("x", "x"),
                        "part of 256 bytes"),
                hostile(
                        "a name too long",
                        tar().longName("abcdefg/".repeat(600) + "x").file("x", "x"),
                        "has a name of 4801 bytes"),
                hostile("too deep", tar().longName("a/".repeat(129) + "x").file("x", "x"), "130 directories deep"),
                hostile("a zero in a name", tar().pax("path=good\0evil").file("x", "x"), "with a zero in it"),
                hostile("no name", tar().file("", "x"), "names nothing"),
                hostile("a file that is the root", tar().file(".", "x"), "names nothing"),
                corrupt("a symbolic link to nothing", tar().symbolicLink("x", ""), "symbolic link to nothing"),
                corrupt("a zero in a link", tar().pax("linkpath=a\0b").symbolicLink("x", ""), "link to nothing"),
                corrupt("a hard link to the root", tar().hardLink("x", "./"), "hard link to nothing"),
                corrupt(
                        "a mode that is none",
                        tar().changed("x", header -> put(header, 100, "rw-r--r")),
                        "has a mode that is no number"),
                corrupt(
                        "a time that is none",
                        tar().changed("x", header -> put(header, 136, "yesterday!!")),
                        "has a time that makes no sense"),
                corrupt("a time far away", tar().pax("mtime=99999999999999").file("x", "x"), "makes no sense"),
                corrupt("a time in words", tar().pax("mtime=now").file("x", "x"), "makes no sense"),
                corrupt(
                        "a wrong checksum",
                        tar().file("a", "x")
                                .raw(new Header("b", '0', "0").bytes().clone())
                                .raw(noise(512)),
                        "checksum is wrong"),
                harm(
                        "a pax header of gigabytes",
                        tar().header(new Header("p", 'x', "17777777777")).bytes(),
                        FailureReason.HOSTILE_IMAGE,
                        "more than a megabyte of extended headers"),
                harm(
                        "a name of gigabytes",
                        tar().header(new Header("p", 'L', "17777777777")).bytes(),
                        FailureReason.HOSTILE_IMAGE,
                        "more than a megabyte of extended headers"),
                corrupt("a size of letters", tar().header(new Header("x", '0', "abc")), "size that makes no sense"));
    }

    private static Stream<Harm> ends() {
        byte[] good =
                tar().file("a", "x".repeat(3000)).file("b", "y".repeat(3000)).end();
        return Stream.of(
                cut("cut in a header", good, 100, "in the middle of a header"),
                cut("cut in a file", good, 1000, "ends in the middle of its entry 'a'"),
                cut("cut behind a file's content", good, 512 + 3000, "in the middle of a file"),
                cut("cut between two entries", good, 7 * 512, "ends without the blocks of zeros"),
                cut("cut before the end", good, 14 * 512, "ends without the blocks of zeros"),
                cut(
                        "nothing but a header",
                        tar().header(new Header("x", '0', "100")).bytes(),
                        512,
                        "in the middle of"),
                harm("text behind the end", joined(good, "more".getBytes(StandardCharsets.US_ASCII)), "behind its end"),
                harm("another archive behind the end", joined(good, good), "goes on behind its end"),
                harm(
                        "a file behind a block of zeros",
                        tar().file("a", "x").raw(new byte[512]).file("b", "y").end(),
                        "behind a block of zeros"),
                harm("no archive at all", noise(4096), "is no tar archive"),
                harm(
                        "a page that says sorry",
                        "<html>Not here</html>".repeat(100).getBytes(StandardCharsets.US_ASCII),
                        "is no tar archive"));
    }

    private static Stream<Harm> sizes() {
        return Stream.of(
                tooSmall(
                        "a file too large",
                        tar().file("large", " ".repeat(ROOM + 1)).end(),
                        "is larger than the reported"),
                tooSmall(
                        "a file that says it is huge",
                        tar().header(new Header("huge", '0', "77777777777")).bytes(),
                        "'huge' of 8589934591 bytes does not fit"),
                tooSmall(
                        "many files too large together",
                        repeated(tar(), 5, (tar, i) -> tar.file("f" + i, " ".repeat(MIB)))
                                .bytes(),
                        "A larger PVC is required: request at least"),
                tooSmall(
                        "very many empty files",
                        repeated(tar(), 2100, (tar, i) -> tar.file("f" + i, "")).end(),
                        "more than the 2048 files, directories and links"),
                tooSmall(
                        "very many hard links",
                        repeated(tar().file("a", ""), 2100, (tar, i) -> tar.hardLink("l" + i, "a"))
                                .end(),
                        "more than the 2048 files, directories and links"),
                tooSmall(
                        "very many directories that are no entries",
                        repeated(
                                        tar(),
                                        30,
                                        (tar, i) -> tar.longName("d" + i + "/a".repeat(120) + "/x")
                                                .file("x", ""))
                                .end(),
                        "more than the 2048 files, directories and links"));
    }

    /** An archive that looks odd, and what it is all the same. */
    record Odd(String name, byte[] archive, List<String> names) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Odd> odd() {
        return Stream.of(
                new Odd(
                        "absolute names are taken below the root",
                        tar().file("/etc/x", "x").end(),
                        List.of("etc", "etc/x")),
                new Odd("detours", tar().file(".//a/./b", "x").end(), List.of("a", "a/b")),
                new Odd(
                        "the root itself",
                        tar().directory("./").file("./a", "x").end(),
                        List.of("a")),
                new Odd(
                        "links that lead out stay links",
                        tar().symbolicLink("door", "../outside").end(),
                        List.of("door")),
                new Odd(
                        "a file replaces a link, and is not written through it",
                        tar().symbolicLink("door", "../outside/secret")
                                .file("door", "x")
                                .end(),
                        List.of("door")),
                new Odd(
                        "a directory replaces a link",
                        tar().symbolicLink("d", "../outside")
                                .directory("d")
                                .file("d/x", "x")
                                .end(),
                        List.of("d", "d/x")),
                new Odd("a file again", tar().file("a", "old").file("a", "new").end(), List.of("a")),
                new Odd(
                        "a link to itself",
                        tar().file("a", "x").hardLink("a", "./a").end(),
                        List.of("a")),
                new Odd(
                        "a hard link to a symbolic link",
                        tar().symbolicLink("a", "../outside/secret")
                                .hardLink("b", "a")
                                .end(),
                        List.of("a", "b")),
                new Odd(
                        "an empty directory replaced by a file",
                        tar().directory("a").file("a", "x").end(),
                        List.of("a")),
                new Odd(
                        "a volume label",
                        tar().entry("backup of monday", 'V', none())
                                .file("a", "x")
                                .end(),
                        List.of("a")),
                new Odd(
                        "the file system's own",
                        tar().file("lost+found/#1", "x").file("a", "x").end(),
                        List.of("a")),
                new Odd(
                        "one block of zeros",
                        tar().file("a", "x").raw(new byte[512]).bytes(),
                        List.of("a")),
                new Odd("many zeros", joined(tar().file("a", "x").end(), new byte[MIB]), List.of("a")),
                new Odd(
                        "names of control characters",
                        tar().file("a\nb\u001b[31m", "x").end(),
                        List.of("a", "b\u001b[31m")),
                new Odd(
                        "a file that is replaced again and again counts once",
                        gzip(repeated(tar(), 20, (tar, i) -> tar.file("a", " ".repeat(MIB / 2)))
                                .end()),
                        List.of("a")));
    }

    /** @param seed of the changes */
    record Mutant(String name, byte[] archive, int seed) {
        @Override
        public String toString() {
            return name + ", " + seed;
        }
    }

    /** Real archives of each kind, with some bytes of their headers changed, and the checksums made right again. */
    static Stream<Mutant> mutants(Path directory) {
        return Stream.of("v7", "ustar", "gnu", "posix").flatMap(format -> {
            byte[] real = real(directory, format);
            return IntStream.range(0, MUTANTS_OF_EACH).mapToObj(seed -> new Mutant(format, mutated(real, seed), seed));
        });
    }

    private static byte[] real(Path directory, String format) {
        Path archive = directory.resolve("real-" + format);
        if (!Files.exists(archive)) {
            Shell.run("bash", "-ec", """
                    mkdir -p "$0/$1-tree/a/b"; cd "$0/$1-tree"
                    echo text > a/file; head -c 5000 /dev/zero | tr '\\0' x > a/b/more
                    ln -sf ../a/file a/b/link; ln -f a/file a/b/hard
                    [ "$1" = v7 ] || { long=$(printf 'y%.0s' {1..90}); mkdir -p "$long"; echo long > "$long/$long"; }
                    tar --format=$1 -cf "$0/real-$1" .
                    """, directory, format);
        }
        try {
            return Files.readAllBytes(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] mutated(byte[] real, int seed) {
        Random random = new Random(seed);
        byte[] mutant = real.clone();
        for (int i = 0; i < 1 + random.nextInt(4); i++) {
            int block = random.nextInt(12) * 512;
            int at = block + random.nextInt(345);
            mutant[at] = random.nextBoolean()
                    ? (byte) (mutant[at] ^ 1 << random.nextInt(8))
                    : (byte) "/.0x\0".charAt(random.nextInt(5));
            if (random.nextInt(4) > 0) {
                byte[] header = Arrays.copyOfRange(mutant, block, block + 512);
                System.arraycopy(Header.signed(header), 0, mutant, block, 512);
            }
        }
        return mutant;
    }

    static TestTar tar() {
        return new TestTar();
    }

    interface Repeat {
        TestTar add(TestTar tar, int number);
    }

    static TestTar repeated(TestTar tar, int times, Repeat repeat) {
        for (int i = 0; i < times; i++) {
            repeat.add(tar, i);
        }
        return tar;
    }

    private static byte[] gzip(byte[] bytes) {
        var packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static byte[] none() {
        return new byte[0];
    }

    private static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(5).nextBytes(bytes);
        return bytes;
    }

    private static byte[] joined(byte[] one, byte[] other) {
        return ByteBuffer.allocate(one.length + other.length)
                .put(one)
                .put(other)
                .array();
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private static Harm cut(String name, byte[] archive, int length, String says) {
        return harm(name, Arrays.copyOf(archive, length), says);
    }

    private static Harm corrupt(String name, TestTar tar, String says) {
        return harm(name, tar.end(), says);
    }

    private static Harm harm(String name, byte[] archive, String says) {
        return harm(name, archive, FailureReason.CORRUPT_IMAGE, says);
    }

    private static Harm hostile(String name, TestTar tar, String says) {
        return harm(name, tar.end(), FailureReason.HOSTILE_IMAGE, says);
    }

    private static Harm unsupported(String name, TestTar tar, String says) {
        return harm(name, tar.end(), FailureReason.UNSUPPORTED_FORMAT, says);
    }

    private static Harm tooSmall(String name, byte[] archive, String says) {
        return harm(name, archive, FailureReason.TOO_SMALL, says);
    }

    private static Harm harm(String name, byte[] archive, FailureReason reason, String says) {
        return new Harm(name, archive, reason, says);
    }
}
