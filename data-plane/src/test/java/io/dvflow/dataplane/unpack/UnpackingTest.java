package io.dvflow.dataplane.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.Shell;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.dataplane.source.SequentialReader;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the tools pack is unpacked to the byte, taken up wherever a mark says so, and never taken for whole if it is not. */
class UnpackingTest {

    private static final int SIZE = 1_500_001;

    @TempDir
    static Path directory;

    private static byte[] plain;

    /** A way to pack a file: the command reads its standard input. */
    record Variant(String name, Packing packing, String command) {
        /** Bytes at the end that may as well not be there. */
        int padding() {
            return switch (name) {
                case "gzip with zeros behind it" -> 1000;
                case "two xz streams with padding" -> 4;
                case "zstd with skippable frames" -> 8;
                default -> 0;
            };
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Variant> variants() {
        return Stream.of(
                new Variant("gzip -1", Packing.GZIP, "gzip -1"),
                new Variant("gzip -9 with a name", Packing.GZIP, "cat > a-name; gzip -9 -N -c a-name"),
                new Variant("two gzip members", Packing.GZIP, "head -c 1000001 | gzip; tail -c +1000002 in | gzip"),
                new Variant("gzip with zeros behind it", Packing.GZIP, "gzip; head -c 1000 /dev/zero"),
                new Variant("xz", Packing.XZ, "xz -T1"),
                new Variant("xz in blocks", Packing.XZ, "xz -T2 --block-size=300000"),
                new Variant("xz with SHA-256 and a filter", Packing.XZ, "xz --check=sha256 --x86 --lzma2=preset=1"),
                new Variant("xz without check", Packing.XZ, "xz --check=none --block-size=1MiB"),
                new Variant(
                        "two xz streams with padding",
                        Packing.XZ,
                        "head -c 1000001 | xz; head -c 8 /dev/zero; tail -c +1000002 in | xz; head -c 4 /dev/zero"),
                new Variant("zstd", Packing.ZSTD, "zstd -q"),
                new Variant("zstd with a long window", Packing.ZSTD, "zstd -q --long=27 -9 --no-check"),
                new Variant(
                        "zstd frames",
                        Packing.ZSTD,
                        "for i in 0 1 2 3; do tail -c +$((i * 400000 + 1)) in | head -c 400000 | zstd -q; done"),
                new Variant(
                        "zstd with skippable frames",
                        Packing.ZSTD,
                        "printf '\\x50\\x2a\\x4d\\x18\\x03\\0\\0\\0abc'; zstd -q; printf '\\x5f\\x2a\\x4d\\x18\\0\\0\\0\\0'"));
    }

    @BeforeAll
    static void makeData() throws IOException {
        plain = new byte[SIZE];
        Random random = new Random(7);
        int at = 0;
        while (at < SIZE) {
            int count = Math.min(SIZE - at, 1 + random.nextInt(30_000));
            switch (random.nextInt(3)) {
                case 0 -> fillRandomly(at, count, random);
                case 1 -> System.arraycopy(plain, random.nextInt(at + 1), plain, at, Math.min(count, SIZE - at));
                default -> Arrays.fill(plain, at, at + count, (byte) random.nextInt(2));
            }
            at += count;
        }
        Files.write(directory.resolve("in"), plain);
    }

    @ParameterizedTest
    @MethodSource("variants")
    void everyByteOfIt(Variant variant) throws IOException {
        byte[] packed = pack(variant);

        assertThat(Unpacking.of(packed)).contains(variant.packing);
        for (int piece : new int[] {1 << 20, 4099, 61}) {
            try (SequentialReader reader = open(variant, packed, piece, Optional.empty())) {
                assertThat(readToEnd(reader, ByteBuffer.allocateDirect(100_000)))
                        .isEqualTo(plain);
                assertThat(reader.position()).isEqualTo(SIZE);
            }
        }
        try (SequentialReader reader = open(variant, packed, 9999, Optional.empty())) {
            assertThat(readToEnd(reader, ByteBuffer.allocate(777))).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void anyMarkIsAPlaceToGoOnFrom(Variant variant) throws IOException {
        byte[] packed = pack(variant);
        Set<Mark> marks = marks(variant, packed);

        if (variant.packing == Packing.GZIP) {
            assertThat(marks).hasSizeGreaterThan(20);
        }
        for (Mark mark : marks) {
            String json = TransferJson.write(mark);
            assertThat(json.length()).isLessThan(46_000);
            Optional<Mark> from = Optional.of(TransferJson.read(json, Mark.class));
            try (SequentialReader reader = open(variant, packed, 5000, from)) {
                assertThat(reader.position()).isEqualTo(mark.position());
                assertThat(readToEnd(reader, ByteBuffer.allocateDirect(70_001)))
                        .isEqualTo(Arrays.copyOfRange(plain, (int) mark.position(), SIZE));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xz in blocks", "two xz streams with padding", "two gzip members", "zstd frames"})
    void whatEndsGivesAMark(String name) throws IOException {
        Variant variant =
                variants().filter(each -> each.name.equals(name)).findFirst().orElseThrow();

        assertThat(marks(variant, pack(variant)))
                .extracting(Mark::position)
                .filteredOn(position -> position > 0 && position < SIZE)
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void aMarkIsOfUseToAStreamThatStartsEarlier(Variant variant) throws IOException {
        byte[] packed = pack(variant);
        Mark last = marks(variant, packed).stream()
                .filter(mark -> mark.position() < SIZE)
                .reduce((earlier, later) -> later)
                .orElseThrow();
        SequentialReader below = new MemoryStream(packed, 0, 5000);

        try (SequentialReader reader = Unpacking.open(variant.packing, below, Optional.of(last))) {
            assertThat(readToEnd(reader, ByteBuffer.allocateDirect(70_001)))
                    .isEqualTo(Arrays.copyOfRange(plain, (int) last.position(), SIZE));
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void aStreamThatIsCutShortHasNoEnd(Variant variant) throws IOException {
        byte[] padded = pack(variant);
        int length = padded.length - variant.padding();
        for (int cut : new int[] {1, 4, 7, 9, 12, 20, length / 2, length - 20}) {
            byte[] packed = Arrays.copyOf(padded, length - cut);

            try (SequentialReader reader = open(variant, packed, 5000, Optional.empty())) {
                assertThatThrownBy(() -> readToEnd(reader, ByteBuffer.allocateDirect(70_001)))
                        .as("cut by " + cut)
                        .isInstanceOf(TransferFailure.class)
                        .hasMessageContaining("corrupt");
            }
        }
    }

    private static Set<Mark> marks(Variant variant, byte[] packed) {
        Set<Mark> marks = new LinkedHashSet<>();
        try (SequentialReader reader = open(variant, packed, 5000, Optional.empty())) {
            ByteBuffer into = ByteBuffer.allocateDirect(33_333);
            while (reader.read(into) >= 0) {
                assertThat(reader.mark().position()).isLessThanOrEqualTo(reader.position());
                marks.add(reader.mark());
                into.clear();
            }
            marks.add(reader.mark());
        }
        return marks;
    }

    /** With many more marks than usual. */
    private static SequentialReader open(Variant variant, byte[] packed, int piece, Optional<Mark> from) {
        long at = from.flatMap(Mark::below).map(Mark::position).orElse(0L);
        return Unpacking.open(
                variant.packing, new MemoryStream(packed, at, piece), from, new MarkDistance(10_000, 200_000));
    }

    private static byte[] readToEnd(SequentialReader reader, ByteBuffer into) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] copy = new byte[into.capacity()];
        for (int got = reader.read(into.clear()); got >= 0; got = reader.read(into.clear())) {
            into.flip().get(copy, 0, got);
            all.write(copy, 0, got);
        }
        return all.toByteArray();
    }

    private static byte[] pack(Variant variant) throws IOException {
        Path packed = directory.resolve("packed");
        Shell.run("bash", "-ec", "cd " + directory + "; { " + variant.command + "; } < in > packed");
        return Files.readAllBytes(packed);
    }

    private static void fillRandomly(int at, int count, Random random) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        System.arraycopy(bytes, 0, plain, at, count);
    }
}
