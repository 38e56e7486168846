package io.dvflow.temporal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.grpc.StatusRuntimeException;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a server that wants an API key is sent, over TLS, and that nobody else sees the key. */
@Timeout(60)
class ApiKeyTest {

    private static final String KEY = "key-of-the-tests";
    private static final String NAMESPACE = "disks.abc12";
    private static final List<String> TALKATIVE = List.of("io.dvflow", "io.temporal");

    @TempDir
    private static Path directory;

    private RecordingServer server;
    private Path key;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeAll
    static void makeCertificates() throws Exception {
        TestAuthority authority = TestAuthority.make(directory, "temporal.test");
        authority.writeAuthority(directory);
        authority.writePair("server", directory);
    }

    @BeforeEach
    void startServer() throws Exception {
        server = RecordingServer.start(directory.resolve("tls.crt"), directory.resolve("tls.key"));
        // As a Secret that somebody made with an editor: with an end of line.
        key = Files.writeString(directory.resolve("api-key"), KEY + "\n");
        listenToTheLog();
    }

    /** All that dvflow and the SDK can say, and what the rest says at the level of the processes. */
    private void listenToTheLog() {
        log.start();
        root().addAppender(log);
        root().setLevel(Level.INFO);
        for (String talkative : TALKATIVE) {
            Logger logger = logger(talkative);
            logger.setLevel(Level.TRACE);
            logger.setAdditive(false);
            logger.addAppender(log);
        }
    }

    @AfterEach
    void stopServer() {
        root().detachAppender(log);
        root().setLevel(Level.WARN);
        for (String talkative : TALKATIVE) {
            Logger logger = logger(talkative);
            logger.detachAppender(log);
            logger.setAdditive(true);
            logger.setLevel(null);
        }
        server.close();
    }

    @Test
    void everyCallCarriesTheKeyOfTheFileAndTheNamespace() {
        try (var connection = TemporalConnection.open(environment(), "test")) {
            describeNamespace(connection);
            new SearchAttributeRegistration(connection).ensure();
            assertThat(connection.trouble()).isEmpty();
        }

        assertThat(server.calls())
                .extracting(RecordingServer.Call::method)
                .contains("DescribeNamespace", "ListSearchAttributes", "AddSearchAttributes", "Check");
        assertThat(server.calls()).allSatisfy(call -> {
            assertThat(call.authorization()).as(call.method()).containsExactly("Bearer " + KEY);
            assertThat(call.overTls()).as(call.method()).isTrue();
        });
        assertThat(server.calls())
                .filteredOn(call -> !call.method().equals("Check"))
                .filteredOn(call -> !call.method().equals("GetSystemInfo"))
                .allSatisfy(
                        call -> assertThat(call.namespace()).as(call.method()).containsExactly(NAMESPACE));
    }

    @Test
    void theStandardVariableDoesTheSame() {
        var environment = environment();
        environment.remove(ApiKeyFile.VARIABLE);
        environment.put("TEMPORAL_API_KEY", KEY);

        try (var connection = TemporalConnection.open(environment, "test")) {
            describeNamespace(connection);
        }

        assertThat(server.calls())
                .allSatisfy(call -> assertThat(call.authorization()).containsExactly("Bearer " + KEY));
    }

    @Test
    void aKeyThatIsRenewedIsUsedFromTheNextCallOn() throws Exception {
        try (var connection = TemporalConnection.open(environment(), "test")) {
            describeNamespace(connection);
            Files.writeString(key, "another");

            describeNamespace(connection);
        }

        assertThat(server.calls())
                .last()
                .satisfies(call -> assertThat(call.authorization()).containsExactly("Bearer another"));
    }

    @Test
    void aKeyFileThatIsMissingOrEmptyIsNamed() throws Exception {
        try (var connection = TemporalConnection.open(environment(), "test")) {
            Files.writeString(key, "\n");
            assertThat(failureOf(connection)).contains(key.toString(), "is empty", ApiKeyFile.VARIABLE);

            Files.delete(key);
            assertThat(failureOf(connection)).contains(key.toString(), "cannot be read");
        }
    }

    @Test
    void twoKeysAreOneTooMany() {
        var environment = environment();
        environment.put("TEMPORAL_API_KEY", KEY);

        assertThatThrownBy(() -> TemporalConnection.open(environment, "test"))
                .hasMessageContaining("remove one of the two")
                .hasMessageNotContaining(KEY);
    }

    @Test
    void aKeyIsNeverSentInPlainText() {
        var environment = Map.of("TEMPORAL_ADDRESS", "127.0.0.1:1", ApiKeyFile.VARIABLE, key.toString());

        try (var connection = TemporalConnection.open(environment, "test")) {
            assertThat(connection.stubs().getOptions().getEnableHttps()).isTrue();
        }
    }

    @Test
    void noLogLineAndNoTextOfTheConnectionHoldsTheKey() {
        server.refuse();
        for (String variable : new String[] {ApiKeyFile.VARIABLE, "TEMPORAL_API_KEY"}) {
            var environment = environment();
            environment.remove(ApiKeyFile.VARIABLE);
            environment.put(variable, variable.equals(ApiKeyFile.VARIABLE) ? key.toString() : KEY);
            try (var connection = TemporalConnection.open(environment, "test")) {
                assertThat(failureOf(connection)).contains("UNAUTHENTICATED").doesNotContain(KEY);
                new SearchAttributeRegistration(connection).ensure();
                assertThat(new ApiKeyFile(key).toString()).doesNotContain(KEY);
                assertThat(connection.stubs().getOptions().toString()).doesNotContain(KEY);
                assertThat(connection.client().getOptions().toString()).doesNotContain(KEY);
            }
        }

        assertThat(server.calls()).isNotEmpty();
        assertThat(log.list)
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getFormattedMessage() + event.getThrowableProxy())
                        .doesNotContain(KEY));
    }

    /** As the chart sets it with {@code apiKey} and {@code tls.ca}. */
    private Map<String, String> environment() {
        return new HashMap<>(Map.of(
                "TEMPORAL_ADDRESS",
                server.address(),
                "TEMPORAL_NAMESPACE",
                NAMESPACE,
                "TEMPORAL_TLS",
                "true",
                "TEMPORAL_TLS_SERVER_CA_CERT_PATH",
                directory + "/ca.crt",
                "TEMPORAL_TLS_SERVER_NAME",
                "temporal.test",
                ApiKeyFile.VARIABLE,
                key.toString()));
    }

    private static String failureOf(TemporalConnection connection) {
        var failure = catchThrowableOfType(StatusRuntimeException.class, () -> describeNamespace(connection));
        assertThat(failure).isNotNull();
        return TemporalConnection.inWords(failure);
    }

    private static void describeNamespace(TemporalConnection connection) {
        var _ = connection
                .stubs()
                .blockingStub()
                .describeNamespace(DescribeNamespaceRequest.newBuilder()
                        .setNamespace(connection.namespace())
                        .build());
    }

    private static Logger root() {
        return logger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    private static Logger logger(String name) {
        return (Logger) LoggerFactory.getLogger(name);
    }
}
