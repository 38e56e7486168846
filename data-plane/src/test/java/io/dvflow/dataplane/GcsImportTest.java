package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.Relay;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.ResumeMap;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports from a server that speaks Google's protocols. */
class GcsImportTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path shared;

    private static GcsServer server;
    private static Path raw;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeAll
    static void serve() throws IOException {
        server = GcsServer.startOn("127.0.0.1", shared);
        server.createBucket("images");
        raw = shared.resolve("disk.raw");
        TestImages.random(raw, SIZE, 71);
        server.put("images", "disk.raw", raw);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void makeVolume() throws IOException {
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gs://images/disk.raw",
                "SERVER/images/disk.raw",
                "SERVER/storage/v1/b/images/o/disk.raw?alt=media",
                "SERVER/download/storage/v1/b/images/o/disk.raw?alt=media",
            })
    void everyWayToNameAnObject(String url) {
        rig().complete(plan(url.replace("SERVER", server.endpoint()), SIZE));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void qcow2IsReadInPlace() {
        Path image = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image);
        server.put("images", "disk.qcow2", image);

        rig().complete(plan("gs://images/disk.qcow2", SIZE));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a dir/disk 1+2.raw | gs://images/a dir/disk 1+2.raw",
                "a dir/disk 1+2.raw | SERVER/images/a%20dir/disk%201+2.raw",
                "größe/100%25=(ü)&'*!~@:,$.raw | gs://images/größe/100%25=(ü)&'*!~@:,$.raw",
            })
    void everyKeyIsFound(String key, String url) throws IOException {
        Path small = directory.resolve("small.raw");
        TestImages.random(small, 2 * MIB, 72);
        server.put("images", key, small);

        rig().complete(plan(url.replace("SERVER", server.endpoint()), 2 * MIB));

        Disks.assertHolds(volume.resolve("disk.img"), 2 * MIB, small);
    }

    @ParameterizedTest
    @ValueSource(strings = {"images/none.raw", "nothing/disk.raw"})
    void whatIsNotThereIsNamed(String path) {
        Failed failed = rig().failed(plan("gs://" + path, SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message())
                .startsWith("Unable to connect to gcs data source: expected status code 200, got 404")
                .contains(path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2"})
    void aLaterAttemptFetchesOnlyWhatIsMissing(String format) {
        Path image = directory.resolve("disk." + format);
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", format, raw, image);
        server.put("images", "resume." + format, image);
        try (Relay relay = Relay.to(server.port())) {
            TransferPlan plan = plan(relay.endpoint() + "/images/resume." + format, SIZE);
            ResumeMap done = stopHalfWay(plan, relay);
            long before = relay.bytes();

            rig().complete(plan);

            long fetchedTwice = relay.bytes() - before - (SIZE - done.finishedBytes());
            assertThat(fetchedTwice).isLessThan(6 * MIB);
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        }
    }

    @Test
    void whatComesInOrderIsHeldAgainstTheServersChecksum() {
        server.put("images", "disk.raw.gz", packed());
        Rig rig = rig();

        rig.complete(plan("gs://images/disk.raw.gz", SIZE));

        assertThat(rig.notes()).anyMatch(note -> note.contains("against what the server says it has, md5:"));
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void bytesThatAreNotWhatTheServerSaysAreRefused() {
        try (FaultServer damaging = FaultServer.start()) {
            damaging.add("/images/disk.raw.gz", ResourceSpec.of(packed()))
                    .faults(Fault.header("x-goog-hash: crc32c=AAAAAA==,md5=1B2M2Y8AsgTpgAmY7PhCfg=="));

            Failed failed = rig().failed(plan(damaging.url("/images/disk.raw.gz"), SIZE));

            assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
            assertThat(failed.message()).contains("md5 d41d8cd98f00b204e9800998ecf8427e", "what came has");
        }
    }

    private Path packed() {
        Path packed = directory.resolve("disk.raw.gz");
        Shell.run("sh", "-c", "gzip -1 < " + raw + " > " + packed);
        return packed;
    }

    @Test
    void anObjectThatIsReplacedMeanwhileIsReadAnew() throws IOException {
        Path first = directory.resolve("first.raw");
        Path second = directory.resolve("second.raw");
        TestImages.random(first, SIZE, 73);
        TestImages.random(second, SIZE, 74);
        server.put("images", "changing.raw", first);
        try (Relay relay = Relay.to(server.port())) {
            relay.holdAfter(SIZE / 2);
            Rig rig = rig();
            TransferPlan plan = plan(relay.endpoint() + "/images/changing.raw", SIZE);
            CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
            await().atMost(PATIENCE).until(() -> relay.held() > 0);
            server.put("images", "changing.raw", second);
            relay.cut();
            relay.letPass();

            assertThat(running.join()).isInstanceOf(TransferOutcome.Complete.class);
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, second);
        }
    }

    private ResumeMap stopHalfWay(TransferPlan plan, Relay relay) {
        relay.holdAfter(SIZE / 2);
        Rig rig = rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> relay.held() > 0 && rig.durableBytes() > SIZE / 4);
        rig.stop.raise();
        TransferOutcome outcome = running.join();
        relay.cut();
        relay.letPass();
        assertThat(outcome).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    private static Rig rig() {
        Map<String, String> environment = Map.of("STORAGE_EMULATOR_HOST", server.endpoint());
        return new Rig().with(s -> new TransferSettings(s.connections(), s.http(), environment));
    }

    private TransferPlan plan(String url, long size) {
        return Rig.plan(new TransferSource.Gcs(url, Optional.empty(), false), Rig.file(volume), size);
    }
}
