package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.transfer.Mark;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unpacking as a pod does it: with 64 MiB of heap, without a user's special rights, and killed without a warning. */
class ArchiveProcessTest {

    private static final long MIB = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    Path directory;

    private final List<Process> started = new ArrayList<>();
    private FaultServer server;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        server = FaultServer.start();
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        started.forEach(Process::destroyForcibly);
        server.close();
    }

    @Test
    void aKilledOneIsFollowedByOneThatGoesOn() throws Exception {
        Path tree = Trees.make(directory.resolve("tree"), 60 * MIB);
        Path archive = pack(tree, "gzip -1");
        long length = Files.size(archive);
        Resource source = server.add("/archive", ResourceSpec.of(archive));
        source.faults(Fault.of(Kind.GATE).afterTotalBytes(length * 9 / 10));
        Process process = program();
        await().atMost(PATIENCE).until(() -> source.stats().held() > 0 && durable() > length / 2);
        long kept = durable();
        process.destroyForcibly().waitFor();
        source.faults();
        source.resetStats();

        Process second = program();

        assertThat(second.waitFor()).as(Files.readString(output())).isZero();
        assertThat(source.stats().bodyBytes()).isLessThan(length - kept + MIB);
        Trees.assertSame(volume, tree);
    }

    @Test
    void directoriesThatNobodyMayWriteToAreFilledAndMovedByTheirOwner() throws Exception {
        Path tree = Trees.make(directory.resolve("tree"), MIB);
        Shell.run("bash", "-ec", "cd $0; find . -depth -mindepth 1 -type d -exec chmod 555 {} +", tree);
        Shell.run("bash", "-ec", "cd $0; mkdir secret; echo x > secret/x; chmod 0 secret/x secret", tree);
        Shell.run("bash", "-ec", "cd $0; find . -mindepth 1 -depth -type d -exec touch -d 2015-05-05 {} +", tree);
        server.add("/archive", ResourceSpec.of(pack(tree, "cat")));

        assertThat(program().waitFor()).as(Files.readString(output())).isZero();
        Trees.assertSame(volume, tree);

        // And once more over what is there, as after a pod whose last word was lost.
        assertThat(program().waitFor()).as(Files.readString(output())).isZero();
        Trees.assertSame(volume, tree);
    }

    @Test
    void memoryDoesNotGrowWithTheTree() throws Exception {
        Path archive = directory.resolve("large.tar.gz");
        Shell.run("bash", "-ec", """
                cd $0; mkdir many; cd many
                for i in {1..30}; do mkdir -p dir-$i/{1..50}; done
                for i in {1..30}; do for j in {1..50}; do : | tee dir-$i/$j/file-{1..10} > /dev/null; done; done
                truncate -s 700M zeros
                tar --format=posix -cf - . | gzip -1 > $1
                """, directory, archive);
        server.add("/archive", ResourceSpec.of(archive));

        Process process = program();
        long peak = ResidentMemory.peakOf(process, Duration.ofMinutes(3));

        assertThat(process.waitFor()).as(Files.readString(output())).isZero();
        assertThat(Trees.names(volume)).hasSize(30 + 30 * 50 + 30 * 50 * 10 + 1);
        assertThat(peak).as("bytes of resident memory").isLessThan(200 * MIB);
    }

    private Path pack(Path tree, String packing) {
        Path archive = directory.resolve("archive");
        Shell.run("bash", "-ec", "tar --format=posix --sort=name -cf - -C $0 . | " + packing + " > $1", tree, archive);
        return archive;
    }

    /** Without the capabilities by which root may read and write what it likes: like any owner of its files. */
    private Process program() throws IOException {
        Path plan = Files.writeString(
                directory.resolve("plan.json"),
                TransferJson.write(Rig.unpacking(Rig.plan(server.url("/archive"), Rig.file(volume), 1024 * MIB))));
        ProcessBuilder builder = new ProcessBuilder(
                        "setpriv",
                        "--bounding-set=-all",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TransferMain.class.getName(),
                        "--plan",
                        plan.toString())
                .redirectOutput(output().toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment()
                .put("DVFLOW_TERMINATION_LOG", directory.resolve("log").toString());
        builder.environment().put("DVFLOW_METRICS_PORT", "0");
        builder.environment().put("DVFLOW_CONNECTIONS", "1");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Path output() {
        return directory.resolve("stdout");
    }

    /** Bytes of the source before the newest durable mark of the running program. */
    private long durable() throws IOException {
        return Files.readAllLines(output()).stream()
                .map(TransferJson::readReport)
                .flatMap(Optional::stream)
                .filter(TransferReport.Durable.class::isInstance)
                .flatMap(report -> ((TransferReport.Durable) report).map().stream().stream())
                .mapToLong(ArchiveProcessTest::placeInSource)
                .max()
                .orElse(0);
    }

    private static long placeInSource(Mark mark) {
        return mark.below().map(ArchiveProcessTest::placeInSource).orElse(mark.position());
    }
}
