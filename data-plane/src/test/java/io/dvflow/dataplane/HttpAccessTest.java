package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.Fault.Kind;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServedRequest;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Logins, headers, certificates, redirects and proxies: who gets in, and who gets to see what. */
class HttpAccessTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    static Path authorityDirectory;

    private static TestAuthority authority;

    @TempDir
    Path directory;

    private final byte[] bytes = new byte[SIZE];
    private FaultServer server;
    private Resource disk;

    @BeforeAll
    static void makeAuthority() {
        authority = new TestAuthority(authorityDirectory);
    }

    @BeforeEach
    void serve() {
        new Random(17).nextBytes(bytes);
        server = FaultServer.start();
        disk = server.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theSecretsLoginIsUsed() throws IOException {
        try (FaultServer locked = FaultServer.start(ServerOptions.defaults().login("jane", "pass:wörd"))) {
            locked.add("/disk", ResourceSpec.of(bytes));

            TransferOutcome withLogin = run(login(locked.url("/disk"), "jane", "pass:wörd\n"));
            TransferOutcome wrong = run(login(locked.url("/disk"), "jane", "guess-3141"));
            TransferOutcome none = run(Rig.http(locked.url("/disk")));

            assertThat(withLogin).isInstanceOf(TransferOutcome.Complete.class);
            assertThat(wrong).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
                assertThat(failed.message())
                        .contains("401")
                        .contains("secretRef")
                        .doesNotContain("guess-3141");
            });
            assertThat(none).isInstanceOf(Failed.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, secretRef, accessKeyId and secretKey in the secret that the source's secretRef names",
        "403, secretRef, the login in the source's secretRef may read it",
        "401, secretExtraHeaders, the secrets that the source's secretExtraHeaders name",
        "403, secretExtraHeaders, the secrets of the source's secretExtraHeaders",
        "401, extraHeaders, the source's extraHeaders",
        "403, extraHeaders, the source's extraHeaders",
        "401, url, the source's URL",
        "403, url, the source's URL",
        "401, none, names neither secretRef nor secretExtraHeaders",
        "403, none, names neither secretRef nor secretExtraHeaders",
    })
    void aRefusalNamesWhereTheLoginStandsOrWhereOneBelongs(int status, String place, String words) throws IOException {
        disk.faults(Fault.status(status));
        String url = server.url("/disk");
        Path headers = Files.createDirectory(directory.resolve("headers"));
        Files.writeString(headers.resolve("token"), "Authorization: Bearer t0ken");
        TransferSource.Http source = switch (place) {
            case "secretRef" -> login(url, "jane", "t0ken");
            case "secretExtraHeaders" -> headed(url, List.of(), List.of(headers.toString()));
            case "extraHeaders" -> headed(url, List.of("Authorization: Bearer t0ken"), List.of());
            case "url" -> Rig.http(url.replace("http://", "http://jane:t0ken@"));
            default -> Rig.http(url);
        };

        Failed failed = (Failed) run(source);

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .startsWith("Unable to connect to http data source: expected status code 200, got " + status)
                .contains(words)
                .doesNotContain("t0ken");
    }

    private static TransferSource.Http headed(String url, List<String> headers, List<String> secretDirectories) {
        return new TransferSource.Http(
                url, Optional.empty(), Optional.empty(), headers, secretDirectories, Optional.empty(), true, List.of());
    }

    @Test
    void theLoginInTheUrlIsUsedAndNeverShown() {
        try (FaultServer locked = FaultServer.start(ServerOptions.defaults().login("jane", "s3cret"))) {
            locked.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
            String url = locked.url("/disk?token=t0ken").replace("http://", "http://jane:s3cret@");
            Rig rig = new Rig();

            TransferOutcome outcome = rig.run(Rig.plan(url, Rig.file(directory), SIZE));

            assertThat(outcome).isInstanceOf(TransferOutcome.Complete.class);
            assertThat(rig.reports.toString()).doesNotContain("s3cret").doesNotContain("t0ken");
        }
    }

    @Test
    void extraHeadersAreSentTheSecretOnesToo() throws IOException {
        Path secrets = Files.createDirectory(directory.resolve("headers"));
        Files.writeString(secrets.resolve("one"), "X-Token: abc\n");
        TransferSource.Http source = new TransferSource.Http(
                server.url("/disk"),
                Optional.empty(),
                Optional.empty(),
                List.of("X-Plain: 1", "Range: bytes=0-1", "User-Agent-2: x"),
                List.of(secrets.toString()),
                Optional.empty(),
                true,
                List.of());

        assertThat(run(source)).isInstanceOf(TransferOutcome.Complete.class);
        assertThat(disk.log()).allSatisfy(request -> {
            assertThat(request.header("x-plain")).isEqualTo("1");
            assertThat(request.header("x-token")).isEqualTo("abc");
            assertThat(request.header("range")).isNotEqualTo("bytes=0-1");
        });
    }

    @Test
    void anotherServerGetsTheRequestWithoutTheLogin() throws IOException {
        try (FaultServer other = FaultServer.start()) {
            Resource elsewhere = other.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
            disk.faults(Fault.redirect(other.url("/there?signature=xyz")));

            TransferOutcome outcome = run(login(server.url("/disk"), "jane", "secret"));

            assertThat(outcome).isInstanceOf(TransferOutcome.Complete.class);
            assertThat(disk.log())
                    .allMatch(request -> !request.header("authorization").isEmpty());
            assertThat(elsewhere.log())
                    .isNotEmpty()
                    .allMatch(request -> request.header("authorization").isEmpty());
        }
    }

    @Test
    void aRedirectIsFollowedOnceAndAskedForAgainWhenItRunsOut() {
        disk.faults(Fault.redirect("/signed"));
        Resource signed = server.add("/signed", ResourceSpec.of(bytes).etag("\"v1\""));
        signed.faults(
                Fault.of(Kind.DROP).afterBytes(200_000).skip(1).times(1),
                Fault.status(403).skip(2).times(1));
        Rig rig = new Rig().with(s -> new TransferSettings(1, s.http(), s.environment()));

        rig.complete(Rig.plan(server.url("/disk"), Rig.file(directory), SIZE));

        assertThat(disk.log()).as("asked at the beginning, and after the 403").hasSize(2);
        assertThat(signed.log()).extracting(ServedRequest::status).containsExactly(206, 206, 403, 206);
    }

    @Test
    void theOwnAuthorityIsTrustedAndNoOther() throws Exception {
        try (FaultServer tls = FaultServer.start(ServerOptions.defaults().tls(authority.server("ip:127.0.0.1")))) {
            tls.add("/disk", ResourceSpec.of(bytes));
            String url = tls.url("/disk");

            assertThat(run(tls(url, Optional.of(authority.certificates()), true)))
                    .isInstanceOf(TransferOutcome.Complete.class);
            assertThat(run(tls(url, Optional.empty(), true))).isInstanceOfSatisfying(Failed.class, failed -> {
                assertThat(failed.reason()).isEqualTo(FailureReason.CERTIFICATE);
                assertThat(failed.message()).contains("CN=Nobody's Authority").contains("certConfigMap");
            });
            assertThat(run(tls(url, Optional.empty(), false))).isInstanceOf(TransferOutcome.Complete.class);
        }
    }

    @Test
    void aCertificateForAnotherNameIsRefused() throws Exception {
        try (FaultServer tls = FaultServer.start(ServerOptions.defaults().tls(authority.server("dns:elsewhere")))) {
            tls.add("/disk", ResourceSpec.of(bytes));

            assertThat(run(tls(tls.url("/disk"), Optional.of(authority.certificates()), true)))
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.reason()).isEqualTo(FailureReason.CERTIFICATE));
        }
    }

    @Test
    void aCertificateThatIsOutOfDateSaysSinceWhen() throws Exception {
        try (FaultServer tls =
                FaultServer.start(ServerOptions.defaults().tls(authority.expiredServer("ip:127.0.0.1")))) {
            tls.add("/disk", ResourceSpec.of(bytes));

            assertThat(run(tls(tls.url("/disk"), Optional.of(authority.certificates()), true)))
                    .isInstanceOfSatisfying(
                            Failed.class, failed -> assertThat(failed.message()).contains("NotAfter: "));
        }
    }

    @Test
    void plainHttpBehindATlsUrlIsAConnectionFailure() throws IOException {
        Failed failed = (Failed) run(tls(server.url("/disk").replace("http:", "https:"), Optional.empty(), true));

        assertThat(failed.reason()).isEqualTo(FailureReason.CONNECTION_FAILED);
    }

    @Test
    void anUnknownHostIsNamed() throws IOException {
        Failed failed = (Failed) run(Rig.http("http://no-such-host.invalid/disk"));

        assertThat(failed.reason()).isEqualTo(FailureReason.CONNECTION_FAILED);
        assertThat(failed.message()).contains("no-such-host.invalid");
    }

    @Test
    void aProxyIsAskedUnlessTheHostIsExcepted() throws IOException {
        Resource atProxy = server.add("http://images.example/disk", ResourceSpec.of(bytes));
        String proxy = server.url("").replace("http://", "http://me:pw@");
        Rig rig = new Rig()
                .with(s -> new TransferSettings(2, s.http(), Map.of("http_proxy", proxy, "NO_PROXY", "other.example")));

        TransferOutcome outcome = rig.run(Rig.plan("http://images.example/disk", Rig.file(directory), SIZE));

        assertThat(outcome).isInstanceOf(TransferOutcome.Complete.class);
        assertThat(atProxy.log())
                .allMatch(request -> request.header("proxy-authorization").startsWith("Basic "));
    }

    private TransferOutcome run(TransferSource source) throws IOException {
        Path volume = Files.createTempDirectory(directory, "volume");
        TransferOutcome outcome = new Rig().run(Rig.plan(source, Rig.file(volume), SIZE));
        if (outcome instanceof TransferOutcome.Complete) {
            assertThat(volume.resolve("disk.img")).hasBinaryContent(bytes);
        }
        return outcome;
    }

    private TransferSource.Http login(String url, String user, String password) throws IOException {
        Path secret = Files.createTempDirectory(directory, "secret");
        Files.writeString(secret.resolve("accessKeyId"), user);
        Files.writeString(secret.resolve("secretKey"), password);
        return new TransferSource.Http(
                url,
                Optional.of(secret.toString()),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                true,
                List.of());
    }

    private static TransferSource.Http tls(String url, Optional<Path> certificates, boolean verify) {
        return new TransferSource.Http(
                url,
                Optional.empty(),
                certificates.map(Path::toString),
                List.of(),
                List.of(),
                Optional.empty(),
                verify,
                List.of());
    }
}
