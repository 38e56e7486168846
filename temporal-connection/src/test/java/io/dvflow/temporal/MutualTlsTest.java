package io.dvflow.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import io.dvflow.testbed.processes.FreePort;
import io.dvflow.workflows.SearchAttributes;
import io.grpc.StatusRuntimeException;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.testing.TemporalDevServer;
import io.temporal.testing.TemporalDevServerOptions;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real Temporal behind TLS that wants client certificates, reached with the variables and files the chart gives. */
@Timeout(60)
class MutualTlsTest {

    private static final String SERVER_NAME = "temporal.test";

    @TempDir
    private static Path directory;

    private static TemporalDevServer server;
    private static TlsTerminator frontend;
    private static Path secret;
    private static Path strangersSecret;

    @BeforeAll
    static void startServer() throws Exception {
        var binaries = System.getenv("DVFLOW_BIN");
        if (binaries == null) {
            if ("1".equals(System.getenv("DVFLOW_REQUIRE_REAL"))) {
                throw new IllegalStateException(
                        "DVFLOW_REQUIRE_REAL=1, but DVFLOW_BIN names no directory with temporal");
            }
            abort("DVFLOW_BIN names no directory with the temporal binary; `testbed/testbed binaries temporal` makes"
                    + " one");
        }
        server = TemporalDevServer.start(
                "default",
                TemporalDevServerOptions.newBuilder()
                        .setExistingPath(Path.of(binaries, "temporal").toString())
                        .setDownloadEnabled(false)
                        .setPort(FreePort.next())
                        .setUiEnabled(false)
                        .build());
        TestAuthority authority =
                TestAuthority.make(Files.createDirectory(directory.resolve("authority")), SERVER_NAME);
        TestAuthority stranger = TestAuthority.make(Files.createDirectory(directory.resolve("stranger")), SERVER_NAME);
        secret = secretOf(authority, "secret");
        strangersSecret = secretOf(stranger, "strangers-secret");
        String[] plain = server.getTarget().split(":");
        frontend = TlsTerminator.start(authority, new InetSocketAddress(plain[0], Integer.parseInt(plain[1])));
    }

    private static Path secretOf(TestAuthority authority, String name) throws Exception {
        Path mounted = Files.createDirectory(directory.resolve(name));
        authority.writeAuthority(mounted);
        authority.writePair("client", mounted);
        return mounted;
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (frontend != null) {
            frontend.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void everyServiceIsReachedWithCertificateAuthorityAndName() {
        try (var connection = TemporalConnection.open(environment(), "test")) {
            assertThat(connection.trouble()).isEmpty();
            assertThat(describeNamespace(connection)).isEqualTo("default");

            new SearchAttributeRegistration(connection).ensure();

            assertThat(OperatorServiceGrpc.newBlockingStub(connection.stubs().getRawChannel())
                            .listSearchAttributes(ListSearchAttributesRequest.newBuilder()
                                    .setNamespace("default")
                                    .build())
                            .getCustomAttributesMap())
                    .containsKeys(SearchAttributes.ALL.stream()
                            .map(key -> key.getName())
                            .toArray(String[]::new));
            assertThat(connection.trouble())
                    .as("the connection is still usable")
                    .isEmpty();
        }
    }

    @Test
    void withoutAClientCertificateItIsSaidThatOneIsWanted() {
        var environment = environment();
        environment.remove("TEMPORAL_TLS_CLIENT_CERT_PATH");
        environment.remove("TEMPORAL_TLS_CLIENT_KEY_PATH");

        assertThat(failureWith(environment))
                .contains("wants a client certificate", "TEMPORAL_TLS_CLIENT_CERT_PATH", "_KEY_PATH");
    }

    @Test
    void aClientCertificateOfAStrangerIsSaidToBeRefused() {
        var environment = environment();
        environment.put("TEMPORAL_TLS_CLIENT_CERT_PATH", strangersSecret + "/tls.crt");
        environment.put("TEMPORAL_TLS_CLIENT_KEY_PATH", strangersSecret + "/tls.key");

        assertThat(failureWith(environment)).contains("refuses the client certificate");
    }

    @Test
    void aServerOfAnotherAuthorityIsNotTrusted() {
        var environment = environment();
        environment.put("TEMPORAL_TLS_SERVER_CA_CERT_PATH", strangersSecret + "/ca.crt");

        assertThat(failureWith(environment))
                .contains("not signed by a CA that is trusted here", "TEMPORAL_TLS_SERVER_CA_CERT_PATH");
    }

    @Test
    void withoutAnAuthorityThePublicOnesAreTrustedAndNoOther() {
        var environment = environment();
        environment.remove("TEMPORAL_TLS_SERVER_CA_CERT_PATH");

        assertThat(failureWith(environment)).contains("not signed by a CA that is trusted here");
    }

    @Test
    void aServerWithAnotherNameIsNotTrusted() {
        var environment = environment();
        environment.put("TEMPORAL_TLS_SERVER_NAME", "another.test");

        assertThat(failureWith(environment))
                .contains("for another name", "another.test", SERVER_NAME, "TEMPORAL_TLS_SERVER_NAME");
    }

    @Test
    void withoutANameTheHostOfTheAddressIsExpected() {
        var environment = environment();
        environment.remove("TEMPORAL_TLS_SERVER_NAME");

        assertThat(failureWith(environment)).contains("for another name", "127.0.0.1");
    }

    @Test
    void plainTextWhereTheServerSpeaksTlsIsToldFromAnOutage() {
        assertThat(failureWith(Map.of("TEMPORAL_ADDRESS", frontend.address())))
                .contains("it speaks TLS", "TEMPORAL_TLS=true");
    }

    @Test
    void tlsWhereTheServerSpeaksPlainTextIsToldFromAnOutage() {
        var environment = environment();
        environment.put("TEMPORAL_ADDRESS", server.getTarget());

        assertThat(failureWith(environment)).contains("does not speak TLS");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        var environment = environment();
        environment.put("TEMPORAL_TLS_CLIENT_CERT_PATH", directory + "/nowhere/tls.crt");

        assertThatThrownBy(() -> TemporalConnection.open(environment, "test"))
                .hasMessageContaining("TEMPORAL_TLS_* variables")
                .hasMessageContaining("/nowhere/tls.crt");
    }

    /** As the chart sets it with {@code clientCertificate}, {@code ca} and {@code serverName}. */
    private static Map<String, String> environment() {
        return new HashMap<>(Map.of(
                "TEMPORAL_ADDRESS",
                frontend.address(),
                "TEMPORAL_NAMESPACE",
                "default",
                "TEMPORAL_TLS_CLIENT_CERT_PATH",
                secret + "/tls.crt",
                "TEMPORAL_TLS_CLIENT_KEY_PATH",
                secret + "/tls.key",
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                secret + "/ca.crt",
                "TEMPORAL_TLS_SERVER_NAME",
                SERVER_NAME));
    }

    /** What people are told, by a call that fails and by the health check alike. */
    private static String failureWith(Map<String, String> environment) {
        try (var connection = TemporalConnection.open(environment, "test")) {
            var failure = catchThrowableOfType(StatusRuntimeException.class, () -> describeNamespace(connection));
            assertThat(failure).isNotNull();
            String words = TemporalConnection.inWords(failure);
            assertThat(connection.trouble())
                    .hasValueSatisfying(trouble -> assertThat(trouble).isEqualTo(words));
            return words;
        }
    }

    private static String describeNamespace(TemporalConnection connection) {
        return connection
                .stubs()
                .blockingStub()
                .describeNamespace(DescribeNamespaceRequest.newBuilder()
                        .setNamespace(connection.namespace())
                        .build())
                .getNamespaceInfo()
                .getName();
    }
}
