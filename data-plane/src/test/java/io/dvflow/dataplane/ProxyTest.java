package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.http.SquidProxy;
import io.dvflow.testbed.http.SquidProxy.Setup;
import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome;
import io.dvflow.transfer.TransferOutcome.Complete;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports through a real proxy, from hosts whose addresses only the proxy knows. */
class ProxyTest {

    private static final int SIZE = 3 << 20;
    private static final String HOST = "images.test";
    private static final Setup PROXY = Setup.knowing(Map.of(HOST, "127.0.0.1", "nobody.test", "127.0.0.1"));
    private static final String LOGIN = "me:s3cr%65t";

    @TempDir
    static Path shared;

    private static TestAuthority authority;
    private static FaultServer plain;
    private static FaultServer tls;
    private static byte[] bytes;

    @TempDir
    Path directory;

    private final Rig rig = new Rig();

    @BeforeAll
    static void serve() throws Exception {
        bytes = new byte[SIZE];
        new Random(3).nextBytes(bytes);
        authority = new TestAuthority(shared);
        plain = FaultServer.start();
        tls = FaultServer.start(ServerOptions.defaults().tls(authority.server("dns:" + HOST)));
        plain.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        tls.add("/disk", ResourceSpec.of(bytes).etag("\"v1\""));
    }

    @AfterAll
    static void stop() {
        plain.close();
        tls.close();
    }

    @Test
    void plainHttpIsAskedOfTheProxy() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY)) {
            run(plain, false, Map.of("http_proxy", proxy.url()));

            assertComplete();
            assertThat(proxy.requests()).isNotEmpty().allMatch(line -> line.contains("/206 GET http://" + HOST));
        }
    }

    @Test
    void tlsGoesThroughATunnelThatTheProxyDoesNotLookInto() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY)) {
            run(tls, true, Map.of("https_proxy", proxy.url()));

            assertComplete();
            assertThat(proxy.requests()).isNotEmpty().allMatch(line -> line.contains("/200 CONNECT " + HOST));
        }
    }

    @Test
    void theLoginOfTheProxyIsInAFileAndShownNowhere() throws IOException {
        Path logins = Files.createDirectory(directory.resolve("logins"));
        Files.writeString(logins.resolve("http"), LOGIN);
        Files.writeString(logins.resolve("https"), LOGIN);
        try (SquidProxy proxy = SquidProxy.start(PROXY.login("me:s3cret"))) {
            Map<String, String> environment = Map.of(
                    "http_proxy", proxy.url(), "https_proxy", proxy.url(), "DVFLOW_PROXY_LOGINS", logins.toString());

            run(plain, false, environment);
            assertComplete();
            run(tls, true, environment);
            assertComplete();

            assertThat(rig.reports.toString()).doesNotContain("s3cret").doesNotContain(LOGIN);
        }
    }

    @Test
    void aLoginThatTheProxyDoesNotKnowIsItsAffairAndNotTheSources() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY.login("me:s3cret"))) {
            for (FaultServer server : List.of(plain, tls)) {
                Failed failed = (Failed) run(
                        server,
                        server == tls,
                        Map.of("http_proxy", proxy.url("me:wr0ng"), "https_proxy", proxy.url("me:wr0ng")));

                assertThat(failed.reason()).isEqualTo(FailureReason.PROXY);
                assertThat(failed.message())
                        .contains("the proxy " + proxy.url() + "/ answered 407")
                        .contains("importProxy")
                        .doesNotContain("wr0ng");
            }
        }
    }

    @Test
    void aProxyThatLooksIntoTlsIsTrustedByItsAuthority() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY.lookingInside())) {
            Map<String, String> environment =
                    Map.of("https_proxy", proxy.url(), "DVFLOW_PROXY_CERTIFICATES", onlyThe(proxy.authority()));

            // Without the origin's own authority: what it shows never gets here.
            run(tls, false, environment);

            assertComplete();
            assertThat(proxy.requests()).anyMatch(line -> line.contains("/206 GET https://" + HOST));
        }
    }

    @Test
    void aProxyThatLooksIntoTlsUnknownToUsIsNamed() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY.lookingInside())) {
            Failed failed = (Failed) run(tls, true, Map.of("https_proxy", proxy.url()));

            assertThat(failed.reason()).isEqualTo(FailureReason.CERTIFICATE);
            assertThat(failed.message())
                    .contains("CN=Authority of a proxy")
                    .contains("the proxy " + proxy.url())
                    .contains("trustedCAProxy");
        }
    }

    @Test
    void aProxyIsSpokenToByTlsWhereItsAddressSaysSo() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY.spokenToByTls())) {
            String trusted = onlyThe(proxy.authority());
            Map<String, String> environment =
                    Map.of("http_proxy", proxy.url(), "https_proxy", proxy.url(), "DVFLOW_PROXY_CERTIFICATES", trusted);

            run(plain, false, environment);
            assertComplete();
            run(tls, true, environment);
            assertComplete();

            Failed untrusted = (Failed) run(plain, false, Map.of("http_proxy", proxy.url()));
            assertThat(untrusted.message()).contains("The certificate of the proxy " + proxy.url());
        }
    }

    @Test
    void whatTheProxyCannotReachIsToldWithItsName() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY)) {
            Map<String, String> environment = Map.of("http_proxy", proxy.url(), "https_proxy", proxy.url());

            Failed http = (Failed) run("http://nobody.test:1/disk", false, environment);
            Failed https = (Failed) run("https://nobody.test:1/disk", false, environment);

            assertThat(http.message()).contains("503").contains("asked through the proxy " + proxy.url());
            assertThat(https.message()).contains("the proxy " + proxy.url() + "/ answered 503");
        }
    }

    @Test
    void aProxyThatIsNotThereIsNamed() throws IOException {
        Failed failed = (Failed) run(plain, false, Map.of("http_proxy", "http://127.0.0.1:1"));

        assertThat(failed.reason()).isEqualTo(FailureReason.CONNECTION_FAILED);
        assertThat(failed.message()).contains("the proxy http://127.0.0.1:1/ cannot be reached");
    }

    @Test
    void anExceptedHostIsAskedDirectly() throws IOException {
        try (SquidProxy proxy = SquidProxy.start(PROXY)) {
            Failed failed = (Failed)
                    run(plain, false, Map.of("http_proxy", proxy.url(), "no_proxy", "example.com,.test:1-2,test"));

            assertThat(failed.message()).contains("no address is known for host " + HOST);
            assertThat(proxy.requests()).isEmpty();
        }
    }

    private TransferOutcome last;

    private void assertComplete() {
        assertThat(last).isInstanceOf(Complete.class);
    }

    private TransferOutcome run(FaultServer server, boolean trusted, Map<String, String> environment)
            throws IOException {
        return run(server.url("/disk").replace("127.0.0.1", HOST), trusted, environment);
    }

    private TransferOutcome run(String url, boolean trusted, Map<String, String> environment) throws IOException {
        Path volume = Files.createTempDirectory(directory, "volume");
        rig.with(s -> new TransferSettings(2, s.http(), new HashMap<>(environment)));
        last = rig.run(Rig.plan(source(url, trusted), Rig.file(volume), SIZE));
        if (last instanceof Complete) {
            assertThat(volume.resolve("disk.img")).hasBinaryContent(bytes);
        }
        return last;
    }

    private static TransferSource source(String url, boolean trusted) throws IOException {
        return new TransferSource.Http(
                url,
                Optional.empty(),
                trusted ? Optional.of(authority.certificates().toString()) : Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                true,
                List.of());
    }

    /** As a ConfigMap is mounted. */
    private String onlyThe(Path certificate) throws IOException {
        Path mounted = Files.createTempDirectory(directory, "trusted");
        Files.copy(certificate, mounted.resolve("ca.pem"));
        return mounted.toString();
    }
}
