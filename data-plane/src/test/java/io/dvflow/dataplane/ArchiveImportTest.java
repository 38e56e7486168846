package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.ErrorClass;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.PhaseTiming;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPhase;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as GNU tar makes them become the trees they were made from. */
class ArchiveImportTest {

    private static final long MIB = 1 << 20;
    private static final long ROOM = 64 * MIB;

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path tree;

    private Path volume;

    @BeforeAll
    static void serve() {
        server = FaultServer.start();
        tree = Trees.make(directory.resolve("tree"), 3 * MIB);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createTempDirectory(directory, "volume");
    }

    static Stream<Arguments> archives() {
        return Stream.of("gnu", "posix")
                .flatMap(format -> Stream.of("cat", "gzip -1", "xz -0", "xz -0 -T2 --block-size=1MiB", "zstd -q")
                        .map(packing -> Arguments.of(format, packing)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("archives")
    void becomeTheTreeTheyWereMadeFrom(String format, String packing) {
        serve(archive("--format=" + format, packing));

        Complete complete = new Rig().complete(plan());

        if (format.equals("posix")) {
            Trees.assertSame(volume, tree);
        } else {
            Trees.assertSame(volume, asTarUnpacks(archive("--format=gnu", "cat")));
        }
        assertThat(complete.format()).isEqualTo("tar");
        assertThat(complete.message()).isEqualTo("Import Complete");
        assertThat(complete.timeline())
                .extracting(PhaseTiming::phase)
                .containsExactly(TransferPhase.PROBE, TransferPhase.COPY, TransferPhase.SYNC);
    }

    @Test
    void oldFormatsAreReadToo() throws IOException {
        Path small = Files.createDirectories(directory.resolve("small/etc"));
        Files.writeString(small.resolve("motd"), "Welcome");
        for (String format : List.of("v7", "ustar", "oldgnu")) {
            Path archive = directory.resolve(format + ".tar");
            Shell.run("tar", "--format=" + format, "-cf", archive, "-C", small.getParent(), ".");
            serve(archive);

            new Rig().complete(plan());

            Trees.assertSame(volume, asTarUnpacks(archive));
        }
    }

    @Test
    void membersInAnyOrderMakeTheSameTree() {
        Path archive = directory.resolve("shuffled.tar");
        Shell.run(
                "bash",
                "-ec",
                "cd $0; find . -mindepth 1 | LC_ALL=C sort -R --random-source=/bin/ls "
                        + "| tar --format=posix --no-recursion -cf $1 -T -",
                tree,
                archive);
        serve(archive);

        new Rig().complete(plan());

        Trees.assertSame(volume, tree);
    }

    @Test
    void identitiesAreNotLent() throws IOException {
        Path lending = Files.createDirectories(directory.resolve("lending/dir"));
        Files.writeString(lending.resolve("su"), "x");
        Shell.run("chmod", "6755", lending.resolve("su"));
        Shell.run("chmod", "2775", lending);
        Path archive = directory.resolve("lending.tar");
        Shell.run("tar", "-cf", archive, "--owner=1234", "-C", lending.getParent(), "dir");
        serve(archive);

        new Rig().complete(plan());

        assertThat(Shell.run("stat", "-c", "%a %U", volume.resolve("dir/su"), volume.resolve("dir")))
                .isEqualToIgnoringNewLines(
                        "755 " + System.getProperty("user.name") + "\n775 " + System.getProperty("user.name") + "\n");
    }

    @Test
    void whatElseIsInTheVolumeStays() throws IOException {
        Files.createDirectories(volume.resolve("lost+found"));
        Files.writeString(volume.resolve("lost+found/#12"), "found");
        Files.writeString(volume.resolve("theirs"), "theirs");
        Files.createDirectories(volume.resolve("a/b"));
        Files.writeString(volume.resolve("a/b/theirs"), "theirs");
        Files.writeString(volume.resolve("a/b/file-3"), "of old");
        serve(archive("--format=posix", "cat"));

        new Rig().complete(plan());

        assertThat(Files.readString(volume.resolve("lost+found/#12"))).isEqualTo("found");
        assertThat(Files.readString(volume.resolve("theirs"))).isEqualTo("theirs");
        assertThat(Files.readString(volume.resolve("a/b/theirs"))).isEqualTo("theirs");
        assertThat(Files.readString(volume.resolve("a/b/file-3"))).isEqualTo("file 3\n");
        Files.delete(volume.resolve("theirs"));
        Files.delete(volume.resolve("a/b/theirs"));
        Shell.run("touch", "-d", "2018-02-03 04:05:06", volume.resolve("a/b"));
        Trees.assertSame(volume, tree);
    }

    @Test
    void aDirectoryInTheVolumeIsNotReplacedByAFile() throws IOException {
        Files.createDirectories(volume.resolve("bin/key/inside"));
        serve(archive("--format=posix", "cat"));

        Failed failed = new Rig().failed(plan());

        assertThat(failed.errorClass()).isEqualTo(ErrorClass.NEEDS_CHANGE);
        assertThat(failed.message()).contains("holds a directory 'key'");
        assertThat(volume.resolve("bin/key/inside")).isDirectory();
    }

    @Test
    void unpackingTwiceIsUnpackingOnce() {
        serve(archive("--format=posix", "cat"));
        new Rig().complete(plan());

        new Rig().complete(plan());

        Trees.assertSame(volume, tree);
    }

    @Test
    void anArchiveWithoutMembersIsAnEmptyTree() throws IOException {
        Path archive = directory.resolve("empty.tar");
        Shell.run("tar", "-cf", archive, "-T", "/dev/null");
        serve(archive);

        new Rig().complete(plan());

        assertThat(volume).isEmptyDirectory();
    }

    @Test
    void whatIsFetchedIsTheProgress() {
        Path archive = archive("--format=posix", "gzip -1");
        serve(archive);
        Rig rig = new Rig();

        Complete complete = rig.complete(plan());

        assertThat(complete.fetchedBytes())
                .isGreaterThanOrEqualTo(archive.toFile().length());
        assertThat(complete.diskBytes()).isBetween(3 * MIB, 4 * MIB);
        assertThat(rig.reports)
                .filteredOn(TransferReport.Progress.class::isInstance)
                .last()
                .satisfies(report ->
                        assertThat(((TransferReport.Progress) report).percent()).isEqualTo(100.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cat", "gzip -1"})
    void aChecksumIsHeldAgainstEveryByte(String packing) {
        Path archive = archive("--format=posix", packing);
        serve(archive);
        String right = "sha256:" + Shell.run("sha256sum", archive).split(" ")[0];

        new Rig().complete(plan(Rig.checked(server.url("/archive"), right)));

        Trees.assertSame(volume, tree);
    }

    @Test
    void nothingIsLeftOfAnArchiveWithAnotherChecksum() throws IOException {
        serve(archive("--format=posix", "gzip -1"));
        Files.writeString(volume.resolve("theirs"), "theirs");

        Failed failed = new Rig().failed(plan(Rig.checked(server.url("/archive"), "md5:" + "0".repeat(32))));

        assertThat(failed.reason()).isEqualTo(FailureReason.CHECKSUM_MISMATCH);
        assertThat(failed.errorClass()).isEqualTo(ErrorClass.FINAL);
        assertThat(Trees.names(volume)).containsExactly("theirs");
    }

    @Test
    void aServerWithoutRangesWillDo() {
        server.add(
                "/archive",
                ResourceSpec.of(archive("--format=posix", "zstd -q")).withoutRanges());

        new Rig().complete(plan());

        Trees.assertSame(volume, tree);
    }

    @Test
    void whatIsNoArchiveIsSaidToBeNone() throws IOException {
        Path raw = TestImages.raw(directory.resolve("disk.raw"), 2 * MIB, 9);
        Path qcow2 = TestImages.image(raw, "qcow2", directory.resolve("disk.qcow2"), List.of());
        for (Path disk : List.of(raw, qcow2)) {
            serve(disk);

            Failed failed = new Rig().failed(plan());

            assertThat(failed.reason()).isEqualTo(FailureReason.CORRUPT_IMAGE);
            assertThat(failed.message()).contains("is no tar archive");
        }
    }

    static Stream<Arguments> impossible() {
        TransferTarget file = new TransferTarget.DiskFile("/data");
        TransferSource http = Rig.http("http://127.0.0.1:9/x");
        TransferPlan plan = Rig.plan(http, file, MIB);
        return Stream.of(
                Arguments.of(Rig.plan(new TransferSource.Blank(), file, MIB), "ContentType must be kubevirt"),
                Arguments.of(
                        Rig.plan(new TransferSource.PulledImage("i", "/shared", Optional.empty()), file, MIB),
                        "ContentType must be kubevirt"),
                Arguments.of(Rig.verifying(plan), "Give an http source a checksum instead"));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void whatIsNoArchivesBusinessIsRefusedHereToo(TransferPlan plan, String says) {
        Failed failed = new Rig().failed(Rig.unpacking(plan));

        assertThat(failed.reason()).isEqualTo(FailureReason.BAD_PLAN);
        assertThat(failed.message()).contains(says);
    }

    @Test
    void aDeviceIsNoPlaceForFiles() {
        serve(archive("--format=posix", "cat"));

        Failed failed = new Rig()
                .failed(Rig.unpacking(
                        Rig.plan(server.url("/archive"), new TransferTarget.BlockDevice("/dev/does-not-exist"), ROOM)));

        assertThat(failed.reason()).isEqualTo(FailureReason.BAD_PLAN);
        assertThat(failed.message()).contains("ContentType Archive cannot have block volumeMode");
    }

    private TransferPlan plan() {
        return plan(Rig.http(server.url("/archive")));
    }

    private TransferPlan plan(TransferSource source) {
        return Rig.unpacking(Rig.plan(source, Rig.file(volume), ROOM));
    }

    private static void serve(Path archive) {
        server.add("/archive", ResourceSpec.of(archive));
    }

    /** What tar itself makes of an archive, without the identities that only root may give. */
    private static Path asTarUnpacks(Path archive) {
        Path expected = directory.resolve(archive.getFileName() + "-unpacked");
        if (!Files.exists(expected)) {
            Shell.run("mkdir", expected);
            Shell.run("tar", "-xpf", archive, "--no-same-owner", "-C", expected);
        }
        return expected;
    }

    private static Path archive(String format, String packing) {
        Path archive = directory.resolve(Integer.toHexString((format + packing).hashCode()) + ".tar");
        if (!Files.exists(archive)) {
            Shell.run("bash", "-ec", "tar " + format + " -cf - -C $0 . | " + packing + " > $1", tree, archive);
        }
        return archive;
    }
}
