package io.dvflow.dataplane;

import static io.dvflow.dataplane.HostileArchives.ROOM;
import static io.dvflow.dataplane.HostileArchives.repeated;
import static io.dvflow.dataplane.HostileArchives.tar;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.HostileArchives.Harm;
import io.dvflow.dataplane.HostileArchives.Mutant;
import io.dvflow.dataplane.HostileArchives.Odd;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Archives made to harm, and real ones with bytes changed: the right tree or a refusal that says why, and whatever it is,
 * nothing beside the volume is touched and nothing of a refused one is seen in it.
 */
class HostileArchiveTest {

    private static final int MIB = 1 << 20;

    @TempDir
    static Path directory;

    private static FaultServer server;

    /** Holds the volume, and beside it what must not be reached from there. */
    private Path surroundings;

    private Path volume;
    private List<String> outside;

    @BeforeAll
    static void serve() {
        server = FaultServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void makeVolume() throws IOException {
        surroundings = Files.createTempDirectory(directory, "surroundings");
        volume = Files.createDirectory(surroundings.resolve("volume"));
        Files.createDirectory(surroundings.resolve("outside"));
        Files.writeString(surroundings.resolve("outside/secret"), "secret");
        outside = Trees.describe(surroundings.resolve("outside"));
    }

    @AfterEach
    void nothingBesideTheVolumeWasTouched() {
        assertThat(Trees.describe(surroundings.resolve("outside"))).isEqualTo(outside);
        assertThat(surroundings)
                .isDirectoryNotContaining(path -> !path.endsWith("volume") && !path.endsWith("outside"));
    }

    static Stream<Harm> harms() {
        return HostileArchives.harms();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("harms")
    void isRefusedAndSaysWhy(Harm harm) {
        Failed failed = (Failed) run(harm.archive());

        assertThat(failed.reason()).as(failed.message()).isEqualTo(harm.reason());
        assertThat(failed.message()).contains(harm.says()).doesNotContain("Exception");
        assertNothingIsSeen();
    }

    @Test
    void theCorpusIsLarge() {
        assertThat(harms().count() + odd().count() + mutants().count()).isGreaterThan(130);
    }

    static Stream<Odd> odd() {
        return HostileArchives.odd();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("odd")
    void isTakenForWhatItIs(Odd odd) {
        assertThat(run(odd.archive())).isInstanceOf(Complete.class);
        assertThat(Trees.names(volume)).containsExactlyInAnyOrderElementsOf(odd.names());
    }

    /** What makes gigabytes; xz says beforehand how much that is. */
    static Stream<Arguments> bombs() {
        String file = "truncate -s 2G large; tar -cf - large";
        String tail = "{ echo x > small; tar -cf - small; head -c 2G /dev/zero; }";
        String names = ": > f; yes f | head -n 100000 | tar -cf - --hard-dereference -T -";
        String beforehand = "bytes long when it is unpacked";
        return Stream.concat(
                Stream.of(file, tail, names)
                        .map(what -> Arguments.of(what, "xz -0", FailureReason.TOO_SMALL, beforehand)),
                Stream.of("gzip -1", "zstd -q -1")
                        .flatMap(packing -> Stream.of(
                                Arguments.of(
                                        file, packing, FailureReason.TOO_SMALL, "of 2147483648 bytes does not fit"),
                                Arguments.of(tail, packing, FailureReason.HOSTILE_IMAGE, "zeros behind its end"),
                                Arguments.of(names, packing, FailureReason.TOO_SMALL, "more than the 2048 files"))));
    }

    @ParameterizedTest(name = "{0} | {1}")
    @MethodSource("bombs")
    void aBombEndsWhereTheRoomEnds(String what, String packing, FailureReason reason, String says) throws IOException {
        Path bomb = Files.createTempDirectory(directory, "bomb");
        Shell.run("bash", "-ec", "cd $0; " + what + " | " + packing + " > bomb", bomb);

        Failed failed = (Failed) run(Files.readAllBytes(bomb.resolve("bomb")));

        assertThat(failed.reason()).as(failed.message()).isEqualTo(reason);
        assertThat(failed.message()).contains(says);
        assertNothingIsSeen();
    }

    @Test
    void aFileSystemWithoutInodesIsFullWithTheNumbers() throws IOException {
        Path backing = directory.resolve("few-inodes");
        try (LoopMount _ = LoopMount.of(backing, 8, volume, "mkfs.ext4", "-q", "-N", "48")) {
            byte[] archive =
                    repeated(tar(), 100, (tar, i) -> tar.file("f" + i, "x")).end();

            Failed failed = (Failed) run(archive);

            assertThat(failed.reason()).isEqualTo(FailureReason.TOO_SMALL);
            assertThat(failed.message())
                    .contains("DataVolume too small to contain image")
                    .containsPattern("\\d+ bytes in \\d\\d files, directories and links were unpacked by then");
        }
    }

    @Test
    void whatComesLaterCounts() throws IOException {
        run(tar().file("a", "old").hardLink("b", "a").file("a", "new").end());

        assertThat(Files.readString(volume.resolve("a"))).isEqualTo("new");
        assertThat(Files.readString(volume.resolve("b"))).isEqualTo("old");
    }

    static Stream<Mutant> mutants() {
        return HostileArchives.mutants(directory);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void endsInATreeOrARefusal(Mutant mutant) {
        TransferOutcome outcome = run(mutant.archive());

        switch (outcome) {
            case Complete _ -> assertThat(Trees.names(volume)).noneMatch(name -> name.startsWith(".dvflow"));
            case Failed failed -> {
                assertThat(failed.reason())
                        .as(failed.message())
                        .isIn(
                                FailureReason.HOSTILE_IMAGE,
                                FailureReason.CORRUPT_IMAGE,
                                FailureReason.UNSUPPORTED_FORMAT,
                                FailureReason.TOO_SMALL);
                assertNothingIsSeen();
            }
            case TransferOutcome.Stopped stopped -> throw new AssertionError("Nobody stopped it: " + stopped);
        }
    }

    private TransferOutcome run(byte[] archive) {
        Resource resource = server.add("/archive", ResourceSpec.of(archive).etag("\"1\""));
        TransferOutcome outcome =
                new Rig().run(Rig.unpacking(Rig.plan(server.url("/archive"), Rig.file(volume), ROOM)));
        assertThat(resource.stats().bodyBytes()).isLessThan(archive.length * 3L + MIB);
        return outcome;
    }

    /** But what a later attempt may go on with. */
    private void assertNothingIsSeen() {
        assertThat(volume)
                .isDirectoryNotContaining(path -> !path.getFileName().toString().startsWith(".dvflow-"));
    }
}
