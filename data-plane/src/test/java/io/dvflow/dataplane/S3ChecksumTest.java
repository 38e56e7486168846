package io.dvflow.dataplane;

import static io.dvflow.testbed.objects.S3Server.ACCESS_KEY;
import static io.dvflow.testbed.objects.S3Server.SECRET_KEY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.objects.Relay;
import io.dvflow.testbed.objects.S3Server;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a real S3 server says that an object hashes to holds for every byte that comes in order. */
class S3ChecksumTest {

    private static final long MIB = 1 << 20;
    private static final long SIZE = 48 * MIB;
    private static final String REGION = "eu-west-1";

    @TempDir
    static Path shared;

    private static S3Server server;
    private static Path raw;
    private static Path packed;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeAll
    static void serve() throws IOException {
        server = S3Server.start(shared, REGION);
        raw = shared.resolve("disk.raw");
        TestImages.random(raw, SIZE, 67);
        packed = pack(raw);
        server.put("images", "here", packed);
        server.publish("images");
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
    @ValueSource(strings = {"sha256", "sha1", "crc64nvme", "crc32c", "crc32"})
    void isUsedWhateverItIs(String algorithm) throws IOException, GeneralSecurityException {
        upload(algorithm, packed, algorithm);
        Rig rig = new Rig();

        rig.complete(plan(algorithm));

        assertThat(rig.notes()).anyMatch(note -> note.contains("what the server says it has, " + algorithm + ":"));
        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void nobodyNeedsToLogInForIt() throws IOException, GeneralSecurityException {
        upload("public", packed, "sha256");
        Rig rig = new Rig();

        rig.complete(Rig.plan(S3Rig.anonymous(server.endpoint() + "/images/public"), Rig.file(volume), SIZE));

        assertThat(rig.notes()).anyMatch(note -> note.contains("what the server says it has, sha256:"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"sha256", "crc64nvme"})
    void bytesThatAreNotWhatWasStoredAreRefused(String algorithm) throws IOException, GeneralSecurityException {
        Path other = directory.resolve("other.raw");
        TestImages.random(other, SIZE, 68);
        upload("damaged-" + algorithm, packed, algorithm);
        // In the same file, which keeps what the server remembers of it.
        Files.write(server.file("images", "damaged-" + algorithm), Files.readAllBytes(pack(other)));

        Failed failed = new Rig().failed(plan("damaged-" + algorithm));

        assertThat(failed.reason()).isEqualTo(FailureReason.DIGEST_MISMATCH);
        assertThat(failed.message()).contains("names " + algorithm, "what came has");
    }

    @Test
    void itGoesOnInTheNextAttempt() throws IOException, GeneralSecurityException {
        upload("resumed", packed, "crc64nvme");
        try (Relay relay = Relay.to(server.port())) {
            TransferPlan plan =
                    Rig.plan(S3Rig.source(relay.endpoint() + "/images/resumed", keys()), Rig.file(volume), SIZE);
            relay.holdAfter(SIZE * 3 / 4);
            Rig first = new Rig();
            CompletableFuture<TransferOutcome> running = CompletableFuture.supplyAsync(() -> first.run(plan));
            await().atMost(Duration.ofSeconds(60)).until(() -> relay.held() > 0 && first.durableBytes() > SIZE / 3);
            first.stop.raise();
            assertThat(running.join()).isInstanceOf(TransferOutcome.Stopped.class);
            relay.cut();
            relay.letPass();
            long before = relay.bytes();

            new Rig().complete(plan);

            assertThat(relay.bytes() - before).isLessThan(Files.size(packed) * 3 / 4);
            Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
        }
    }

    private TransferPlan plan(String key) {
        return Rig.plan(S3Rig.source(server.endpoint() + "/images/" + key, keys()), Rig.file(volume), SIZE);
    }

    private Path keys() {
        return S3Rig.secret(directory, Map.of("accessKeyId", ACCESS_KEY, "secretKey", SECRET_KEY));
    }

    private static Path pack(Path image) {
        Path to = image.resolveSibling(image.getFileName() + ".gz");
        Shell.run("sh", "-c", "gzip -1 < " + image + " > " + to);
        return to;
    }

    /** As a client does that knows the checksum; a CRC64 is the server's own idea. */
    private static void upload(String key, Path file, String algorithm) throws IOException, GeneralSecurityException {
        byte[] bytes = Files.readAllBytes(file);
        byte[] checksum = switch (algorithm) {
            case "sha256" -> MessageDigest.getInstance("SHA-256").digest(bytes);
            case "sha1" -> MessageDigest.getInstance("SHA-1").digest(bytes);
            case "crc32c" -> crc(new CRC32C(), bytes);
            case "crc32" -> crc(new CRC32(), bytes);
            default -> new byte[0];
        };
        Shell.run(
                "curl",
                "--fail",
                "--silent",
                "--show-error",
                "--aws-sigv4",
                "aws:amz:" + REGION + ":s3",
                "--user",
                ACCESS_KEY + ":" + SECRET_KEY,
                "--header",
                "x-amz-content-sha256: UNSIGNED-PAYLOAD",
                "--header",
                checksum.length == 0
                        ? "x-amz-meta-checksum: none"
                        : "x-amz-checksum-" + algorithm + ": "
                                + Base64.getEncoder().encodeToString(checksum),
                "--upload-file",
                file,
                server.endpoint() + "/images/" + key);
    }

    private static byte[] crc(Checksum crc, byte[] bytes) {
        crc.update(bytes);
        return ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
    }
}
