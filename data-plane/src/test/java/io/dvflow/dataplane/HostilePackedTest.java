package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed sources that are broken, cut, or out to do harm: an outcome with a reason, and never a disk that is not theirs. */
class HostilePackedTest {

    private static final int SIZE = 5 << 20;
    private static final String SEEKABLE = "seekable zstd";
    private static final int SIGNATURE = 6;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path raw;

    @BeforeAll
    static void serve() throws IOException {
        server = FaultServer.start();
        raw = TestImages.raw(directory.resolve("disk.raw"), SIZE, 6);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<String> commands() {
        return Stream.of("gzip", "xz -0", "xz -0 -T2 --block-size=500000", "zstd -q", SEEKABLE);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatIsCutShortIsNoDisk(String command) throws IOException {
        byte[] whole = packed(command);
        for (int length : new int[] {whole.length - 1, whole.length - 9, whole.length / 2, 70_000, 100, 19}) {
            Failed failed = failed(Arrays.copyOf(whole, length));

            assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.CORRUPT_IMAGE);
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void whatIsFollowedBySomethingElseIsRefused(String command) throws IOException {
        byte[] whole = packed(command);
        byte[] longer = Arrays.copyOf(whole, whole.length + 1000);
        Arrays.fill(longer, whole.length, longer.length, (byte) 'x');

        Failed failed = failed(longer);

        assertThat(failed.reason()).as(failed.message()).isEqualTo(FailureReason.CORRUPT_IMAGE);
    }

    @Test
    void aWrongCrcIsNamed() throws IOException {
        byte[] harmed = packed("gzip");
        harmed[harmed.length - 6] ^= 1;

        assertThat(failed(harmed).message()).contains("CRC").contains("trailer");
    }

    @Test
    void aWrongLengthIsNamed() throws IOException {
        byte[] harmed = packed("gzip");
        harmed[harmed.length - 1] ^= 1;

        assertThat(failed(harmed).message()).contains("holds " + SIZE + " bytes");
    }

    /** Whatever bits are flipped: a reason, or the right disk all the same (a comment was hit). */
    @RepeatedTest(60)
    void randomHarmMakesNoWrongDisk(RepetitionInfo repetition) throws IOException {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] harmed = packed(commands().skip(random.nextInt(5)).findFirst().orElseThrow());
        int near = random.nextInt(3);
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            // Behind the signature: without it, it is a raw disk.
            int at = SIGNATURE + random.nextInt(near == 2 ? harmed.length - SIGNATURE : 300);
            harmed[near == 1 ? harmed.length - 1 - at : at] ^= (byte) (1 << random.nextInt(8));
        }
        Path volume = volume();

        TransferOutcome outcome = run(harmed, volume);

        assertThat(outcome.toString()).doesNotContain("reason=UNKNOWN").doesNotContain("Exception");
        if (outcome instanceof Complete) {
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip -1", "xz -0", "xz -0 -T2 --block-size=64MiB", "zstd -q -1"})
    void aBombEndsWhereTheDiskEnds(String command) throws IOException {
        Path bomb = directory.resolve("bomb");
        // 10 GiB: what is packed can be put in a row.
        Shell.run(
                "bash",
                "-ec",
                "head -c 512M /dev/zero | " + command
                        + " > PART; for i in {1..20}; do cat PART; done > BOMB; rm PART"
                                .replace("PART", directory + "/part")
                                .replace("BOMB", bomb.toString()));
        server.add("/bomb", ResourceSpec.of(bomb));
        Path volume = volume();

        Failed failed = new Rig().failed(Rig.plan(server.url("/bomb"), Rig.file(volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.message()).contains("is larger than the reported available");
    }

    @ParameterizedTest
    @CsvSource({"gzip -1, true", "zstd -q -1, true", "xz -0 -T1, false"})
    void aBombHasNoScratchSpaceOfAnySizeMade(String command, boolean scratch) throws IOException {
        Path qcow2 = directory.resolve("bomb.qcow2");
        Path bomb = directory.resolve("scratch-bomb");
        Shell.run("qemu-img", "convert", "-O", "qcow2", raw, qcow2);
        Shell.run("bash", "-ec", "cat " + qcow2 + " <(head -c 400M /dev/zero) | " + command + " > " + bomb);
        server.add("/bomb", ResourceSpec.of(bomb));
        TransferPlan plan = Rig.plan(server.url("/bomb"), Rig.file(volume()), SIZE);
        Path space = volume();

        Failed failed = new Rig().failed(scratch ? Rig.withScratch(plan, space) : plan);

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.message()).contains("four times as much");
    }

    @ParameterizedTest
    @ValueSource(strings = {"xz -0", "zstd -q"})
    void whatSaysThatItIsTooLargeIsRefusedBeforeAByteIsWritten(String command) throws IOException {
        Path packed = directory.resolve("large");
        Path large = directory.resolve("large.raw");
        Shell.run("truncate", "-s", "64M", large);
        Shell.run("bash", "-ec", command + " -c " + large + " > " + packed);
        server.add("/large", ResourceSpec.of(packed));
        Path volume = volume();

        Failed failed = new Rig().failed(Rig.plan(server.url("/large"), Rig.file(volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
        assertThat(failed.message()).contains("virtual image size " + (64 << 20));
        assertThat(volume).isEmptyDirectory();
    }

    static Stream<Arguments> claims() {
        return Stream.of(
                Arguments.of("xz --lzma2=preset=0,dict=256MiB", "needs 256 MiB of memory"),
                Arguments.of("zstd -q --long=28", "window of more than 128 MiB"),
                Arguments.of("zstd -q --long=31", "window of more than 128 MiB"));
    }

    @ParameterizedTest
    @MethodSource("claims")
    void aClaimOnTooMuchMemoryIsRefusedWithTheNumber(String command, String says) throws IOException {
        Failed failed = failed(packed(command));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNSUPPORTED_FORMAT);
        assertThat(failed.message()).contains(says).contains("Pack it again");
    }

    @Test
    void aLongWindowIsTakenAndMentioned() throws IOException {
        server.add("/long", ResourceSpec.of(packed("zstd -q --long=27")));
        Path volume = volume();
        Rig rig = new Rig();

        rig.complete(Rig.plan(server.url("/long"), Rig.file(volume), SIZE));

        assertThat(rig.notes()).anyMatch(note -> note.contains("unpacking takes 128 MiB"));
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void whatIsPackedAroundNothingIsNoDisk() throws IOException {
        byte[] nothing = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0};

        assertThat(failed(nothing).message()).contains("there is nothing in it");
    }

    private static Failed failed(byte[] source) throws IOException {
        TransferOutcome outcome = run(source, volume());
        assertThat(outcome).isInstanceOf(Failed.class);
        assertThat(((Failed) outcome).message()).doesNotContain("Exception");
        return (Failed) outcome;
    }

    private static TransferOutcome run(byte[] source, Path volume) {
        Resource resource = server.add("/packed", ResourceSpec.of(source).etag("\"1\""));
        TransferOutcome outcome = new Rig().run(Rig.plan(server.url(resource.path()), Rig.file(volume), SIZE));
        assertThat(resource.stats().bodyBytes()).isLessThan(5 * SIZE);
        return outcome;
    }

    private static byte[] packed(String command) throws IOException {
        Path packed = directory.resolve(Integer.toHexString(command.hashCode()));
        if (!Files.exists(packed) && command.equals(SEEKABLE)) {
            SeekableZstd.pack(raw, packed, 300_007);
        } else if (!Files.exists(packed)) {
            Shell.run("bash", "-ec", command + " < " + raw + " > " + packed);
        }
        return Files.readAllBytes(packed);
    }

    private static Path volume() throws IOException {
        return Files.createTempDirectory(directory, "volume");
    }
}
