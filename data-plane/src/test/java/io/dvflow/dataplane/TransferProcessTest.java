package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.dataplane.ResidentMemory.Peak;
import io.dvflow.testbed.http.Content;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.processes.FreePort;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferReport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as a pod runs it: 64 MiB of heap, a plan in a file, lines out, signals in. */
class TransferProcessTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 160 * MIB;

    @TempDir
    Path directory;

    private final List<Process> started = new ArrayList<>();
    private int metricsPort;
    private FaultServer server;
    private Path volume;

    @BeforeEach
    void serve() throws IOException {
        metricsPort = FreePort.next();
        server = FaultServer.start();
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        started.forEach(Process::destroyForcibly);
        server.close();
    }

    @Test
    void endsWithZeroAndAMessageWhenComplete() throws Exception {
        Path raw = TestImages.raw(directory.resolve("disk.raw"), 5 * MIB, 1);
        server.add("/disk", ResourceSpec.of(raw));

        Process process = start(plan(6 * MIB));

        assertThat(process.waitFor()).isZero();
        assertThat(outcome()).isInstanceOf(TransferOutcome.Complete.class);
        assertThat(Files.readAllLines(output()))
                .as("nothing but reports on standard output")
                .allSatisfy(line -> assertThat(TransferJson.readReport(line)).isPresent());
        Disks.assertHolds(volume.resolve("disk.img"), 6 * MIB, raw);
    }

    @Test
    void endsWithOneAndAMessageWhenFailed() throws Exception {
        Process process = start(plan(6 * MIB));

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(outcome())
                .isInstanceOfSatisfying(
                        TransferOutcome.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND));
    }

    @Test
    void aPlanThatIsNoneIsSaidToBeNone() throws Exception {
        Files.writeString(directory.resolve("plan.json"), "{\"source\":{\"url\":\"http://x/?sig=s3cret\"}}");

        Process process = start();

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(Files.readString(termination())).contains("BAD_PLAN").doesNotContain("s3cret");
        assertThat(Files.readString(output())).doesNotContain("s3cret");
    }

    @Test
    void continuesAfterSigkillHalfWay() throws Exception {
        Resource disk = server.add("/disk", new Noise(SIZE).spec());
        disk.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE / 2));
        Process first = start(plan(SIZE));
        awaitHeldAndFlushed(disk);
        first.destroyForcibly().waitFor();
        disk.faults();
        disk.resetStats();

        Process second = start(plan(SIZE));

        assertThat(second.waitFor()).isZero();
        // At most what was fetched since the last flush comes again.
        assertThat(disk.stats().bodyBytes()).isLessThan(SIZE / 2 + 40 * MIB);
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, new Noise(SIZE).file(directory));
    }

    @Test
    void stopsOnSigtermWithEverythingDurable() throws Exception {
        Resource disk = server.add("/disk", new Noise(SIZE).spec());
        disk.faults(Fault.of(Kind.GATE).afterTotalBytes(SIZE / 2));
        Process process = start(plan(SIZE));
        await().atMost(Duration.ofSeconds(60)).until(() -> disk.stats().held() > 0 && fetched() > SIZE / 4);
        process.destroy();

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(outcome()).isInstanceOf(TransferOutcome.Stopped.class);
        ResumeMap last = lastDurable().orElseThrow();
        // Each of eight connections gathers a megabyte before it writes; one more for the first look at the source.
        assertThat(last.finishedBytes()).isGreaterThan(fetched() - 9 * MIB);
    }

    @Test
    void theRateIsWhatTheFileSaysAndFollowsItWhileItRuns() throws Exception {
        Files.writeString(rateFile(), "4Mi\n");
        server.add("/disk", new Noise(SIZE).spec());
        long began = System.nanoTime();
        Process process = start(plan(SIZE));
        await().atMost(Duration.ofSeconds(60)).until(() -> fetched() >= 12 * MIB);
        double seconds = (System.nanoTime() - began) / 1e9;
        Files.writeString(rateFile(), "0");

        assertThat(process.waitFor()).isZero();
        double all = (System.nanoTime() - began) / 1e9;
        assertThat(seconds).as("seconds for 12 MiB, of 3 at that rate").isGreaterThan(2);
        assertThat(all).as("seconds, of 40 at that rate").isLessThan(38);
        assertThat(Files.readString(output())).contains("Reading at most 4Mi bytes per second");
    }

    @Test
    void servesMetricsUnderCdisNamesWhileItRuns() throws Exception {
        Files.writeString(rateFile(), "8Mi");
        server.add("/disk", new Noise(SIZE).spec());
        Process process = start(plan(SIZE));

        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(ConnectException.class)
                .untilAsserted(() -> assertThat(scrape())
                        .containsPattern("kubevirt_cdi_import_progress_total\\{ownerUID=\"uid-1\"} [1-9]")
                        .containsPattern("dvflow_transfer_fetched_bytes_total\\{ownerUID=\"uid-1\"} [1-9]")
                        .contains("dvflow_transfer_disk_bytes{ownerUID=\"uid-1\"} " + (double) SIZE)
                        .containsPattern("dvflow_transfer_bytes_per_second\\{ownerUID=\"uid-1\"} [1-9]"));
        Files.writeString(rateFile(), "0");

        assertThat(process.waitFor()).as("metrics keep no process alive").isZero();
    }

    @Test
    void aPortThatIsTakenIsNoReasonToFail() throws Exception {
        Files.writeString(rateFile(), "8Mi");
        server.add("/disk", new Noise(SIZE).spec());
        try (ServerSocket taken = new ServerSocket(metricsPort)) {
            assertThat(taken.isBound()).isTrue();
            Process process = start(plan(SIZE));
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> Files.readString(output()).contains("Cannot serve metrics on port " + metricsPort));
            Files.writeString(rateFile(), "0");

            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void sixtyFourMibOfHeapAreEnoughForSixtyFourGib() throws Exception {
        long virtual = 64L << 30;
        Path qcow2 = directory.resolve("large.qcow2");
        Shell.run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=64k", qcow2, virtual);
        Shell.run("qemu-io", "-c", "write -P 1 0 8M", "-c", "write -P 2 31G 8M", "-c", "write -P 3 65535M 1M", qcow2);
        server.add("/disk", ResourceSpec.of(qcow2));

        Path backing = directory.resolve("backing");
        try (LoopDevice device = LoopDevice.empty(backing, virtual)) {
            Process process = start(Rig.plan(server.url("/disk"), Rig.block(device), virtual));
            Peak peak = ResidentMemory.peakWithThreadsOf(process, Duration.ofMinutes(5));

            assertThat(peak.bytes()).as("bytes of resident memory").isLessThan(200 * MIB);
            assertThat(peak.threads())
                    .as("threads: the JVM's own, and a few for each connection")
                    .isBetween(1L, 64L);
            assertThat(process.waitFor()).as(Files.readString(output())).isZero();
        }
        // The file behind the device knows its holes, so that comparing takes no reading of 64 GiB.
        Shell.run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", qcow2, backing);
    }

    /** With the largest dictionary that a preset of xz has, in blocks side by side and in order; gzip takes none. */
    @ParameterizedTest
    @CsvSource({
        "xz -0 --lzma2=preset=0;dict=64MiB, true",
        "xz -0 --lzma2=preset=0;dict=64MiB, false",
        "zstd -q --zstd=wlog=26, true"
    })
    void twoHundredMibOfMemoryAreEnoughForFourGib(String command, boolean ranges) throws Exception {
        long virtual = 4L << 30;
        Path packed = directory.resolve("packed");
        Path noise = directory.resolve("noise");
        TestImages.random(noise, 72 * MIB, 4);
        // More than any window in one piece; what is packed can be put in a row.
        Shell.run("bash", "-ec", """
                pack() { COMMAND; }
                cat NOISE <(head -c 440M /dev/zero) | pack > PACKED
                head -c 512M /dev/zero | pack > NOISE.zeros
                for i in {1..7}; do cat NOISE.zeros; done >> PACKED
                """.replace("COMMAND", command.replace(';', ','))
                .replace("NOISE", noise.toString())
                .replace("PACKED", packed.toString()));
        ResourceSpec spec = ResourceSpec.of(packed);
        server.add("/disk", ranges ? spec : spec.withoutRanges());

        Process process = start(plan(virtual));
        long peak = ResidentMemory.peakOf(process, Duration.ofMinutes(5));

        assertThat(process.waitFor()).as(Files.readString(output())).isZero();
        assertThat(peak).as("bytes of resident memory").isLessThan(200 * MIB);
        Shell.run("cmp", "-n", Files.size(noise), volume.resolve("disk.img"), noise);
    }

    @Test
    void rehearsesForARecordingJvm() throws Exception {
        Process process = startWith("--warm-up");

        assertThat(process.waitFor()).as(Files.readString(output())).isZero();
    }

    private TransferPlan plan(long requested) {
        return Rig.plan(server.url("/disk"), Rig.file(volume), requested);
    }

    private Process start(TransferPlan plan) throws IOException {
        Files.writeString(directory.resolve("plan.json"), TransferJson.write(plan));
        return start();
    }

    private Process start() throws IOException {
        return startWith("--plan", directory.resolve("plan.json").toString());
    }

    private Process startWith(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                TransferMain.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(output().toFile());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("DVFLOW_TERMINATION_LOG", termination().toString());
        builder.environment().put("DVFLOW_METRICS_PORT", Integer.toString(metricsPort));
        builder.environment().put("DVFLOW_RATE_LIMIT_FILE", rateFile().toString());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private void awaitHeldAndFlushed(Resource disk) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> disk.stats().held() > 0
                        && lastDurable()
                                .filter(map -> map.finishedBytes() > SIZE / 4)
                                .isPresent());
    }

    private Optional<ResumeMap> lastDurable() throws IOException {
        return Files.readAllLines(output()).stream()
                .map(TransferJson::readReport)
                .flatMap(Optional::stream)
                .filter(TransferReport.Durable.class::isInstance)
                .map(report -> ((TransferReport.Durable) report).map())
                .reduce((earlier, later) -> later);
    }

    private TransferOutcome outcome() throws IOException {
        return TransferJson.readOutcome(Files.readString(termination())).orElseThrow();
    }

    private Path output() {
        return directory.resolve("stdout");
    }

    private String scrape() throws Exception {
        return InsecureClient.get("https://localhost:" + metricsPort + "/metrics");
    }

    private Path rateFile() {
        return directory.resolve("rate-limit");
    }

    /** By its own word; what a server has sent may still be on its way. */
    private long fetched() {
        try {
            return Files.readAllLines(output()).stream()
                    .map(TransferJson::readReport)
                    .flatMap(Optional::stream)
                    .filter(TransferReport.Progress.class::isInstance)
                    .mapToLong(report -> ((TransferReport.Progress) report).fetchedBytes())
                    .max()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path termination() {
        return directory.resolve("termination-log");
    }

    /** A disk without holes that needs no space on the server's side. */
    private record Noise(long length) implements Content {
        @Override
        public void read(long offset, byte[] into, int count) {
            for (int i = 0; i < count; i++) {
                long at = offset + i;
                into[i] = (byte) (at * 31 + (at >>> 12) + 1);
            }
        }

        ResourceSpec spec() {
            return ResourceSpec.of(this).etag("\"noise\"");
        }

        Path file(Path directory) throws IOException {
            Path file = directory.resolve("noise");
            byte[] block = new byte[(int) MIB];
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                for (long at = 0; at < length; at += MIB) {
                    read(at, block, block.length);
                    out.write(block);
                }
            }
            return file;
        }
    }
}
