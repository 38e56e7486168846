package io.dvflow.dataplane;

import static io.dvflow.testbed.objects.S3Server.ACCESS_KEY;
import static io.dvflow.testbed.objects.S3Server.SECRET_KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.testbed.http.TestAuthority.PemFiles;
import io.dvflow.testbed.objects.S3Server;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real S3 server of one's own, whose certificate only one's own authority has signed. */
class S3TlsTest {

    private static final long SIZE = 8 << 20;
    private static final String REGION = "eu-west-1";

    @TempDir
    static Path shared;

    private static TestAuthority authority;
    private static S3Server server;
    private static Path raw;

    @TempDir
    Path directory;

    private Path volume;

    @BeforeAll
    static void serve() throws IOException {
        authority = new TestAuthority(Files.createDirectory(shared.resolve("authority")));
        PemFiles identity = authority.serverFiles("ip:127.0.0.1");
        server = S3Server.start(
                shared,
                REGION,
                "--cert",
                identity.certificates().toString(),
                "--key",
                identity.key().toString());
        raw = shared.resolve("disk.raw");
        TestImages.random(raw, SIZE, 67);
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

    @Test
    void theAuthorityInTheConfigMapIsTrusted() {
        new Rig().complete(plan(Optional.of(authority.certificates())));

        Disks.assertHolds(volume.resolve("disk.img"), SIZE, raw);
    }

    @Test
    void withoutItTheServerIsNotTrusted() {
        Failed failed = new Rig().failed(plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.CERTIFICATE);
        assertThat(failed.message())
                .startsWith("Unable to connect to s3 data source: ")
                .contains("is not trusted")
                .contains("certConfigMap");
    }

    private TransferPlan plan(Optional<Path> certificates) {
        Path keys = S3Rig.secret(directory, Map.of("accessKeyId", ACCESS_KEY, "secretKey", SECRET_KEY));
        return Rig.plan(
                new TransferSource.S3(
                        server.endpoint() + "/images/disk.raw",
                        Optional.of(keys.toString()),
                        certificates.map(Path::toString)),
                Rig.file(volume),
                SIZE);
    }
}
