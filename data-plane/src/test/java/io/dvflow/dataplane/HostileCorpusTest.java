package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.HostileRun.Answer;
import io.dvflow.dataplane.LoneTransfers.Room;
import io.dvflow.dataplane.MutatedImages.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferOutcome.Stopped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hundreds of hostile images through whole transfers: made by hand, mutated, mutated and packed, packed and mutated. Each ends
 * in the disk that qemu-img sees, or in a refusal that says why; in the memory of a transfer pod, within seconds; and nothing
 * is written but the target. {@code DVFLOW_HOSTILE_SEEDS} says how many mutations of each kind there are.
 */
class HostileCorpusTest {

    private static final String USUAL_SEEDS = "1";
    private static final int SEEDS =
            Integer.parseInt(System.getenv().getOrDefault("DVFLOW_HOSTILE_SEEDS", USUAL_SEEDS));
    private static final long REQUESTED = 8 << 20;
    private static final long MOST_MEMORY = 200 << 20;
    private static final int SIGNATURE = 6;
    private static final Set<FailureReason> REFUSALS = Set.of(
            FailureReason.HOSTILE_IMAGE,
            FailureReason.CORRUPT_IMAGE,
            FailureReason.UNSUPPORTED_FORMAT,
            FailureReason.TOO_SMALL);

    @TempDir
    static Path directory;

    private static MutatedImages images;
    private static FaultServer server;
    private static LoneTransfers transfers;

    @BeforeAll
    static void start() throws IOException {
        images = new MutatedImages(directory);
        server = FaultServer.start();
        transfers = LoneTransfers.start(directory);
    }

    @AfterAll
    static void nothingElseWasWritten() {
        transfers.close();
        server.close();
        assertThat(LoneTransfers.strayFiles()).isEmpty();
    }

    /** @param harms what is done to a good image of that format */
    record HandMade(String name, String format, List<String> options, ByteOrder order, Stream<Harm> harms) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<HandMade> handMade() {
        ByteOrder big = ByteOrder.BIG_ENDIAN;
        ByteOrder little = ByteOrder.LITTLE_ENDIAN;
        List<String> stream = List.of("-o", "subformat=streamOptimized");
        List<String> blocks = List.of("-o", "block_size=1M");
        return Stream.of(
                new HandMade("qcow2", "qcow2", List.of(), big, HostileImageTest.harms()),
                new HandMade("qcow", "qcow", List.of(), big, HostileQcowTest.harms()),
                new HandMade("qcow zlib", "qcow", List.of("-c"), big, HostileQcowTest.harmsToClusters()),
                new HandMade("vmdk", "vmdk", List.of(), little, HostileVmdkTest.harms()),
                new HandMade("vmdk streamOptimized", "vmdk", stream, little, HostileVmdkTest.harmsToGrains()),
                new HandMade("vdi", "vdi", List.of(), little, HostileVdiTest.harms()),
                new HandMade("vpc", "vpc", List.of("-o", "force_size=on"), big, HostileVhdTest.harms()),
                new HandMade("vhdx headers", "vhdx", blocks, little, HostileVhdxTest.harmsToHeaders()),
                new HandMade("vhdx metadata", "vhdx", blocks, little, HostileVhdxTest.harmsToMetadata()),
                new HandMade("vhdx blocks", "vhdx", blocks, little, HostileVhdxTest.harmsToBlocks()));
    }

    @ParameterizedTest
    @MethodSource("handMade")
    void madeByHand(HandMade made) throws IOException {
        try (HarmedImages harmed = new HarmedImages(directory);
                Corpus corpus = new Corpus(made + ", by hand")) {
            byte[] good = harmed.good(made.format(), made.options().toArray(String[]::new));
            for (Harm harm : made.harms().toList()) {
                byte[] image = good.clone();
                harm.act().accept(ByteBuffer.wrap(image).order(made.order()));
                corpus.assertRefused(harm.name(), write(image));
            }
        }
    }

    static Stream<Kind> kinds() {
        return MutatedImages.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void mutated(Kind kind) throws IOException {
        byte[] good = images.good(kind);
        try (Corpus corpus = new Corpus(kind + ", mutated")) {
            for (int seed = 0; seed < SEEDS; seed++) {
                Path image = write(MutatedImages.mutate(good, kind, seed));
                corpus.assertRightOrRefused("plain, seed " + seed, image, image);
                for (Packing packing : Packing.values()) {
                    corpus.assertRightOrRefused(packing + ", seed " + seed, packing.pack(image), image);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void packedAndMutated(Kind kind) throws IOException {
        Path image = write(images.good(kind));
        try (Corpus corpus = new Corpus(kind + ", packed and mutated")) {
            for (Packing packing : Packing.values()) {
                byte[] packed = Files.readAllBytes(packing.pack(image));
                for (int seed = 0; seed < SEEDS; seed++) {
                    corpus.assertRightOrRefused(packing + ", seed " + seed, write(flipped(packed, seed)), image);
                }
            }
        }
    }

    private enum Packing {
        GZ("gzip -1"),
        XZ("xz -0 --block-size=1MiB"),
        ZST("zstd -q -1");

        private final String command;

        Packing(String command) {
            this.command = command;
        }

        Path pack(Path image) throws IOException {
            Path packed = Files.createTempFile(directory, "packed", "");
            Shell.run("sh", "-c", command + " < " + image + " > " + packed);
            return packed;
        }
    }

    /** In the first or last hundreds of bytes, or anywhere; but not in the signature, without which it is a raw disk. */
    private static byte[] flipped(byte[] packed, long seed) {
        byte[] image = packed.clone();
        Random random = new Random(seed);
        int where = random.nextInt(3);
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            int at = SIGNATURE + random.nextInt(where == 2 ? image.length - SIGNATURE : 300);
            image[where == 1 ? image.length - 1 - at : at] ^= (byte) (1 << random.nextInt(8));
        }
        return image;
    }

    private static Path write(byte[] image) throws IOException {
        return Files.write(Files.createTempFile(directory, "image", ""), image);
    }

    /** Images of one kind, and what became of them. */
    private static final class Corpus implements AutoCloseable {

        private final String name;
        private int count;
        private int right;
        private long slowestMillis;
        private long mostMemory;

        Corpus(String name) {
            this.name = name;
        }

        void assertRefused(String what, Path source) throws IOException {
            try (Room room = transfers.room()) {
                Answer answer = carryOut(what, source, room);
                assertThat(answer.outcome()).as(what).isInstanceOf(Failed.class);
                assertClear((Failed) answer.outcome());
            }
        }

        /** @param image what is in the source, unpacked */
        void assertRightOrRefused(String what, Path source, Path image) throws IOException {
            try (Room room = transfers.room()) {
                switch (carryOut(what, source, room).outcome()) {
                    case Complete complete -> {
                        right++;
                        assertThat(room.files()).as(what).containsExactly("volume/disk.img");
                        assertAsQemuSeesIt(what, complete.format(), image, room.disk());
                    }
                    case Failed failed -> assertClear(failed);
                    case Stopped stopped -> throw new AssertionError("Nobody told it to stop: " + stopped);
                }
            }
        }

        private Answer carryOut(String what, Path source, Room room) throws IOException {
            server.add("/image", ResourceSpec.of(source));
            Answer answer = transfers.carryOut(room.plan(server.url("/image"), REQUESTED));
            count++;
            slowestMillis = Math.max(slowestMillis, answer.millis());
            mostMemory = Math.max(mostMemory, answer.peakBytes());
            assertThat(answer.peakBytes()).as("resident bytes, " + what).isLessThan(MOST_MEMORY);
            assertThat(room.files()).as("files, " + what).allMatch(Room::mayHold);
            assertThat(room.diskBytes()).as("bytes of the disk, " + what).isLessThanOrEqualTo(REQUESTED);
            return answer;
        }

        private static void assertClear(Failed failed) {
            assertThat(failed.reason()).as(failed.message()).isIn(REFUSALS);
            assertThat(failed.message()).startsWith("Unable to process data: ").doesNotContain("Exception");
        }

        /** What qemu-img refuses for the sake of a snapshot or a reference count is the disk that it was before. */
        private static void assertAsQemuSeesIt(String what, String format, Path image, Path disk) {
            String verdict = Shell.run(
                    "sh", "-c", "timeout 20 qemu-img compare -f $0 -F raw $1 $2; echo $?", format, image, disk);
            int exit = Integer.parseInt(verdict.strip().replaceAll("(?s).*\n", ""));
            if (exit > 1) {
                Disks.assertHolds(disk, REQUESTED, images.raw());
            } else {
                assertThat(exit).as(what + " as " + format + ": " + verdict).isZero();
            }
        }

        @Override
        public void close() {
            System.out.printf(
                    "hostile | %s | %d | %d | %d | %d | %d%n",
                    name, count, right, count - right, slowestMillis, mostMemory >> 20);
        }
    }
}
