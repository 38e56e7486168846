package io.dvflow.dataplane;

import static io.dvflow.testbed.objects.S3Server.ACCESS_KEY;
import static io.dvflow.testbed.objects.S3Server.SECRET_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.objects.Relay;
import io.dvflow.testbed.objects.S3Server;
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
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports from a real S3 server, which checks each signature and the region it was made for. */
class S3ImportTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 64 * MIB;
    private static final String REGION = "eu-west-1";
    private static final String VIRTUAL_DOMAIN = "s3.eu-west-1.amazonaws.com";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path shared;

    private static S3Server server;
    private static Path raw;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeAll
    static void serve() throws IOException {
        server = S3Server.start(shared, REGION, "--virtual-domain", VIRTUAL_DOMAIN);
        raw = shared.resolve("disk.raw");
        TestImages.random(raw, SIZE, 61);
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
    @ValueSource(strings = {REGION, "us-east-1", ""})
    void signsForTheServersRegionWhateverItWasThoughtToBe(String region) {
        Path secret = S3Rig.secret(
                directory, Map.of("accessKeyId", ACCESS_KEY + "\n", "secretKey", SECRET_KEY + "\n", "region", region));

        complete(S3Rig.source(server.endpoint() + "/images/disk.raw", secret), raw);
    }

    @Test
    void qcow2IsReadInPlace() {
        Path image = directory.resolve("disk.qcow2");
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, image);
        server.put("images", "disk.qcow2", image);

        complete(S3Rig.source(server.endpoint() + "/images/disk.qcow2", keys()), raw);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a dir/disk 1+2.raw | a%20dir/disk%201+2.raw",
                "a dir/disk 1+2.raw | a dir/disk 1%2B2.raw",
                "größe/100%=(ü)&'*!~@:,$.raw | gr%C3%B6%C3%9Fe/100%25=(ü)&'*!~@:,$.raw",
                "what?#[].raw | what%3F%23%5B%5D.raw",
            })
    void everyKeyIsFound(String key, String inUrl) throws IOException {
        Path small = directory.resolve("small.raw");
        TestImages.random(small, 2 * MIB, 62);
        server.put("odd", key, small);

        complete(S3Rig.source(server.endpoint() + "/odd/" + inUrl, keys()), small, 2 * MIB);
    }

    /** The machine's own address would never be asked through a proxy; AWS's names are. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://images.s3.eu-west-1.amazonaws.com/disk.raw",
                "http://s3.eu-west-1.amazonaws.com/images/disk.raw",
            })
    void bucketsInTheNameOfTheServer(String url) {
        Rig rig = new Rig()
                .with(s -> new TransferSettings(s.connections(), s.http(), Map.of("http_proxy", server.endpoint())));

        rig.complete(Rig.plan(S3Rig.source(url, keys()), Rig.file(volume), SIZE));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @ParameterizedTest
    @CsvSource({
        "AKIATESTBED, wrong-secret, SignatureDoesNotMatch",
        "AKIASOMEBODY, wrong-secret, InvalidAccessKeyId",
    })
    void keysThatAreRefusedAreNamedButNotShown(String id, String key, String code) {
        Path secret = S3Rig.secret(directory, Map.of("accessKeyId", id, "secretKey", key));

        Failed failed = failed(S3Rig.source(server.endpoint() + "/images/disk.raw", secret));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .startsWith("Unable to connect to s3 data source: expected status code 200, got 403")
                .contains(code)
                .contains("secretRef")
                .doesNotContain(key)
                .doesNotContain("StringToSign");
    }

    @Test
    void aSessionTokenThatTheServerDidNotLendIsRefused() {
        Path secret = S3Rig.secret(
                directory,
                Map.of("accessKeyId", ACCESS_KEY, "secretKey", SECRET_KEY, "sessionToken", "of/some+other=="));

        assertThat(failed(S3Rig.source(server.endpoint() + "/images/disk.raw", secret)))
                .satisfies(failed -> {
                    assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
                    assertThat(failed.message()).contains("InvalidToken").contains("sessionToken");
                });
    }

    @Test
    void aSecretWithHalfOfTheKeysIsRefused() {
        Path secret = S3Rig.secret(directory, Map.of("accessKeyId", ACCESS_KEY));

        assertThat(failed(S3Rig.source(server.endpoint() + "/images/disk.raw", secret)))
                .satisfies(failed -> {
                    assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
                    assertThat(failed.message()).contains("secretKey");
                });
    }

    @Test
    void withoutASecretOnlyWhatEverybodyMayRead() throws IOException {
        Path small = directory.resolve("small.raw");
        TestImages.random(small, 2 * MIB, 63);
        server.put("public", "disk.raw", small);
        TransferSource.S3 source = S3Rig.anonymous(server.endpoint() + "/public/disk.raw");

        assertThat(failed(source)).satisfies(failed -> {
            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(failed.message()).contains("AccessDenied").contains("without credentials");
        });
        server.publish("public");
        complete(source, small, 2 * MIB);
        complete(
                S3Rig.source(
                        server.endpoint() + "/public/disk.raw",
                        S3Rig.secret(directory, Map.of("accessKeyId", "", "secretKey", ""))),
                small,
                2 * MIB);
    }

    @ParameterizedTest
    @CsvSource({"images/none.raw, NoSuchKey", "nothing/disk.raw, NoSuchBucket"})
    void whatIsNotThereIsNamed(String path, String code) {
        Failed failed = failed(S3Rig.source(server.endpoint() + "/" + path, keys()));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message())
                .startsWith("Unable to connect to s3 data source: expected status code 200, got 404")
                .contains(code)
                .contains(path);
    }

    @Test
    void aVersionThatIsAskedForIsNotAnotherOne() {
        Failed failed = failed(S3Rig.source(server.endpoint() + "/images/disk.raw?versionId=none%2Fsuch", keys()));

        assertThat(failed.message()).contains("ersion").doesNotContain("Signature");
    }

    @ParameterizedTest
    @ValueSource(strings = {"raw", "qcow2"})
    void aLaterAttemptFetchesOnlyWhatIsMissing(String format) {
        Path image = directory.resolve("disk." + format);
        Shell.run("qemu-img", "convert", "-f", "raw", "-O", format, raw, image);
        server.put("resume", "disk." + format, image);
        try (Relay relay = Relay.to(server.port())) {
            TransferPlan plan =
                    Rig.plan(S3Rig.source(relay.endpoint() + "/resume/disk." + format, keys()), Rig.file(volume), SIZE);
            ResumeMap done = stopHalfWay(plan, relay);
            long before = relay.bytes();

            new Rig().complete(plan);

            long fetchedTwice = relay.bytes() - before - (SIZE - done.finishedBytes());
            assertThat(fetchedTwice).isLessThan(6 * MIB);
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        }
    }

    @Test
    void anObjectThatIsReplacedMeanwhileIsReadAnew() throws IOException {
        Path first = directory.resolve("first.raw");
        Path second = directory.resolve("second.raw");
        TestImages.random(first, SIZE, 64);
        TestImages.random(second, SIZE, 65);
        server.put("images", "changing.raw", first);
        try (Relay relay = Relay.to(server.port())) {
            relay.holdAfter(SIZE / 2);
            Rig rig = new Rig();
            TransferPlan plan =
                    Rig.plan(S3Rig.source(relay.endpoint() + "/images/changing.raw", keys()), Rig.file(volume), SIZE);
            CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
            await().atMost(PATIENCE).until(() -> relay.held() > 0);
            server.put("images", "changing.raw", second);
            relay.cut();
            relay.letPass();

            assertThat(running.join()).isInstanceOf(TransferOutcome.Complete.class);
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, second);
            assertThat(rig.notes()).anyMatch(note -> note.contains("changed while it was being read"));
        }
    }

    @Test
    void connectionsThatBreakAreTakenUpAgain() {
        try (Relay relay = Relay.to(server.port())) {
            relay.holdAfter(SIZE / 2);
            Rig rig = new Rig();
            TransferPlan plan =
                    Rig.plan(S3Rig.source(relay.endpoint() + "/images/disk.raw", keys()), Rig.file(volume), SIZE);
            CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
            await().atMost(PATIENCE).until(() -> relay.held() > 0);
            relay.cut();
            relay.letPass();

            assertThat(running.join()).isInstanceOf(TransferOutcome.Complete.class);
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
            assertThat(relay.bytes()).isLessThan(SIZE + 8 * MIB);
        }
    }

    private ResumeMap stopHalfWay(TransferPlan plan, Relay relay) {
        relay.holdAfter(SIZE / 2);
        Rig rig = new Rig();
        CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> rig.run(plan));
        await().atMost(PATIENCE).until(() -> relay.held() > 0 && rig.durableBytes() > SIZE / 4);
        rig.stop.raise();
        TransferOutcome outcome = running.join();
        relay.cut();
        relay.letPass();
        assertThat(outcome).isInstanceOf(TransferOutcome.Stopped.class);
        return rig.durableMaps().getLast();
    }

    private Path keys() {
        return S3Rig.secret(directory, Map.of("accessKeyId", ACCESS_KEY, "secretKey", SECRET_KEY));
    }

    private void complete(TransferSource source, Path expected) {
        complete(source, expected, SIZE);
    }

    private void complete(TransferSource source, Path expected, long size) {
        new Rig().complete(Rig.plan(source, Rig.file(volume), size));
        Disks.assertHolds(volume.resolve("disk.img"), size, expected);
    }

    private Failed failed(TransferSource source) {
        return new Rig().failed(Rig.plan(source, Rig.file(volume), SIZE));
    }
}
