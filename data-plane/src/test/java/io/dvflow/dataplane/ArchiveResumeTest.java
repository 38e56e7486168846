package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.source.MarkDistance;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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

/** An archive is taken up by a later attempt where the last one stood, in the middle of a large file as well. */
class ArchiveResumeTest {

    private static final long MIB = 1 << 20;
    private static final long LARGEST = 24 * MIB;
    private static final long ROOM = 128 * MIB;
    /** Distance of the marks, what is fetched ahead over one connection, and what lies between the threads. */
    private static final long TWICE_AT_MOST = 12 * MIB;

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    static Path directory;

    private static FaultServer server;
    private static Path tree;

    private Resource source;
    private long length;
    private Path volume;

    @BeforeAll
    static void serve() {
        server = FaultServer.start();
        tree = Trees.make(directory.resolve("tree"), LARGEST);
        // So that there is something before and behind the largest, and modes that the next attempt has to know.
        Shell.run("bash", "-ec", """
                cd "$0"; mkdir -p early late/er
                for i in {1..300}; do head -c 20000 a/large > early/$i; head -c 20000 a/large > late/er/$i; done
                find early late -exec touch -d '2011-11-11 11:11:11' {} +
                chmod 550 late/er; chmod 500 early
                """, tree);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createTempDirectory(directory, "volume");
    }

    static Stream<Arguments> packings() {
        return Stream.of("cat", "gzip -1", "xz -0 -T2 --block-size=1MiB | cat", "split -b 900001 --filter='zstd -q' -")
                .flatMap(command -> Stream.of(8, 50, 92).map(percent -> Arguments.of(command, percent)));
    }

    @ParameterizedTest(name = "{0} at {1} %")
    @MethodSource("packings")
    void goesOnWhereItStood(String packing, int percent) {
        serve(archive(packing));
        TransferPlan plan = plan(Rig.http(server.url("/archive")));
        stopAt(plan, length * percent / 100);
        assertThat(Trees.names(volume)).as("nobody sees half a tree").allMatch(name -> name.startsWith(".dvflow-"));

        resume(plan, length * (100 - percent) / 100);

        Trees.assertSame(volume, tree);
    }

    @Test
    void aDigestGoesOnToo() {
        Path archive = archive("gzip -1");
        serve(archive);
        String sum = "sha256:" + Shell.run("sha256sum", archive).split(" ")[0];
        TransferPlan plan = plan(Rig.checked(server.url("/archive"), sum));
        stopAt(plan, length / 2);

        resume(plan, length / 2);

        Trees.assertSame(volume, tree);
    }

    @Test
    void aServerWithoutRangesSendsAllOfItAgainButNothingIsWrittenTwice() {
        source = server.add("/archive", ResourceSpec.of(archive("gzip -1")).withoutRanges());
        length = archive("gzip -1").toFile().length();
        source.faults(Fault.of(Kind.DROP).afterBytes(length * 3 / 4).skip(1).times(2));

        TransferOutcome.Complete complete = rig().complete(plan(Rig.http(server.url("/archive"))));

        assertThat(complete.fetchedBytes()).isGreaterThan(length * 2);
        assertThat(complete.writtenBytes()).isLessThan(complete.diskBytes() + 8 * MIB);
        Trees.assertSame(volume, tree);
    }

    @Test
    void anotherSourceStartsAnewAndTakesAwayOnlyWhatWasUnpacked() throws IOException {
        serve(archive("cat"));
        TransferPlan plan = plan(Rig.http(server.url("/archive")));
        stopAt(plan, length / 2);
        Files.writeString(volume.resolve("theirs"), "theirs");
        Path other = Files.createDirectories(directory.resolve("other"));
        Files.writeString(other.resolve("only"), "this");
        Path otherArchive = directory.resolve("other.tar");
        Shell.run("tar", "--format=posix", "-cf", otherArchive, "-C", other, ".");
        source.serve(ResourceSpec.of(otherArchive).etag("\"other\""));

        rig().complete(plan);

        assertThat(Trees.names(volume)).containsExactly("only", "theirs");
    }

    @Test
    void aSourceThatChangesWhileItIsReadIsStartedAnewOnce() throws IOException {
        byte[] first = Files.readAllBytes(archive("cat"));
        source = server.add("/archive", ResourceSpec.of(first).etag("\"v1\""));
        Rig rig = rig();
        source.faults(Fault.of(Kind.GATE).afterTotalBytes(first.length / 2));
        CompletableFuture<TransferOutcome> running =
                CompletableFuture.supplyAsync(() -> rig.run(plan(Rig.http(server.url("/archive")))));
        await().atMost(PATIENCE).until(() -> source.stats().held() > 0);
        Path small = directory.resolve("small.tar");
        Shell.run("tar", "--format=posix", "-cf", small, "-C", tree.resolve("bin"), "run");
        source.serve(ResourceSpec.of(small).etag("\"v2\""));
        source.faults();
        server.dropConnections();

        assertThat(running.join()).isInstanceOf(TransferOutcome.Complete.class);
        assertThat(Trees.names(volume)).containsExactly("run");
        assertThat(rig.notes()).anyMatch(note -> note.contains("starting anew"));
    }

    @Test
    void whatIsLeftIsNotTakenForSomethingElse() throws IOException {
        serve(archive("cat"));
        TransferPlan plan = plan(Rig.http(server.url("/archive")));
        stopAt(plan, length / 2);
        // In other hands meanwhile: the file that was being written is a link to one of theirs.
        Path theirs = Files.writeString(directory.resolve("theirs"), "theirs");
        for (String file : new String[] {"a/large"}) {
            Path half = volume.resolve(".dvflow-archive").resolve(file);
            Files.deleteIfExists(half);
            Files.createSymbolicLink(half, theirs);
        }

        rig().complete(plan);

        assertThat(Files.readString(theirs)).isEqualTo("theirs");
        Trees.assertSame(volume, tree);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aTreeThatIsHalfWayInItsPlaceIsPutThere(int moved) throws IOException {
        serve(archive("cat"));
        TransferPlan plan = plan(Rig.http(server.url("/archive")));
        Rig first = rig();
        first.listener = report -> {
            boolean whole = report instanceof TransferReport.Durable durable
                    && TransferJson.write(durable).contains("\\\"whole\\\":true");
            if (whole) {
                throw new IllegalStateException("The pod is gone");
            }
        };
        assertThat(first.run(plan)).isInstanceOf(TransferOutcome.Failed.class);
        Shell.run("bash", "-ec", "cd $0/.dvflow-archive; ls | head -n $1 | xargs -d '\\n' mv -t ..", volume, moved);
        source.resetStats();

        rig().complete(plan);

        assertThat(source.stats().bodyBytes()).as("no more than the first look").isLessThanOrEqualTo(64 << 10);
        assertThat(volume.resolve(".dvflow-archive")).doesNotExist();
        Trees.assertSame(volume, tree);
    }

    private static Rig rig() {
        return new Rig()
                .with(settings -> new TransferSettings(
                        1, settings.http(), settings.environment(), new MarkDistance(MIB, 2 * MIB)));
    }

    private TransferPlan plan(TransferSource from) {
        return Rig.unpacking(Rig.plan(from, Rig.file(volume), ROOM));
    }

    private void serve(Path archive) {
        source = server.add("/archive", ResourceSpec.of(archive));
        length = archive.toFile().length();
    }

    private void stopAt(TransferPlan plan, long bytes) {
        source.faults(Fault.of(Kind.GATE).afterTotalBytes(bytes));
        Rig rig = rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> source.stats().held() > 0 && fetched(rig) >= bytes);
        rig.stop.raise();
        assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
        source.faults();
    }

    private static long fetched(Rig rig) {
        return rig.reports.stream()
                .filter(TransferReport.Progress.class::isInstance)
                .mapToLong(report -> ((TransferReport.Progress) report).fetchedBytes())
                .max()
                .orElse(0);
    }

    /** @param missing bytes of the source that the first attempt has not seen */
    private void resume(TransferPlan plan, long missing) {
        source.resetStats();
        rig().complete(plan);
        assertThat(source.stats().bodyBytes() - missing)
                .as("bytes fetched twice")
                .isLessThan(TWICE_AT_MOST);
    }

    private static Path archive(String packing) {
        Path archive = directory.resolve(Integer.toHexString(packing.hashCode()) + ".tar");
        if (!Files.exists(archive)) {
            Shell.run(
                    "bash",
                    "-ec",
                    "tar --format=posix --sort=name -cf - -C $0 . | { " + packing + "; } > $1",
                    tree,
                    archive);
        }
        return archive;
    }
}
