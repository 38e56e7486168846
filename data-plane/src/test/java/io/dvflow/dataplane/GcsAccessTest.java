package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ApiServer.Answer;
import io.dvflow.dataplane.ApiServer.Question;
import io.dvflow.dataplane.source.http.HttpSettings;
import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which proof is exchanged for which token, and who gets to see it. */
class GcsAccessTest {

    private static final int SIZE = 1 << 20;
    private static final String ACCOUNT = "images@project.iam.gserviceaccount.com";
    private static final String READ_ONLY = "https://www.googleapis.com/auth/devstorage.read_only";

    private static KeyPair pair;

    @TempDir
    Path directory;

    private final byte[] bytes = new byte[SIZE];
    private FaultServer server;
    private Resource disk;

    @BeforeAll
    static void makeKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
    }

    @BeforeEach
    void serve() {
        new Random(75).nextBytes(bytes);
        server = FaultServer.start();
        disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aServiceAccountSignsForItsToken() {
        try (ApiServer service = ApiServer.start(this::grantToSigner)) {
            complete(new Rig(), withKey(service));

            assertThat(service.asked()).hasSize(1);
            assertShown("Bearer granted");
        }
    }

    @Test
    void tokensAreExchangedBeforeTheyRunOut() {
        try (ApiServer service =
                ApiServer.start(question -> new Answer(200, "{\"access_token\":\"short\",\"expires_in\":200}"))) {
            complete(new Rig(), withKey(service));

            assertThat(service.asked()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void aTokenThatIsRefusedIsExchangedOnce() {
        disk.faults(Fault.status(401)
                .text("<Error><Code>AuthenticationRequired</Code></Error>")
                .skip(1)
                .times(1));
        try (ApiServer service = ApiServer.start(this::grantToSigner)) {
            complete(new Rig(), withKey(service));

            assertThat(service.asked()).hasSize(2);
        }
    }

    @Test
    void anAccountWithoutTheRightIsNamed() {
        disk.faults(Fault.status(403)
                .text("<Error><Code>AccessDenied</Code><Message>Access denied.</Message><Details>d</Details></Error>"));
        try (ApiServer service = ApiServer.start(this::grantToSigner)) {
            Failed failed = failed(new Rig(), withKey(service));

            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(failed.message())
                    .startsWith("Unable to connect to gcs data source: expected status code 200, got 403")
                    .contains("AccessDenied: Access denied")
                    .contains(ACCOUNT);
            assertThat(service.asked())
                    .as("a new token would have no other rights")
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "401, key, the secret that the source's secretRef names",
        "403, key, the secret that the source's secretRef names",
        "401, account, name a secret with credentials.json in the source's secretRef",
        "403, account, name a secret with credentials.json in the source's secretRef",
        "401, nobody, Name a secret with credentials.json in its secretRef",
        "403, nobody, Name a secret with credentials.json in its secretRef",
    })
    void aRefusalNamesTheSecretOrWhereOneBelongs(int status, String who, String words) {
        disk.faults(Fault.status(status));
        try (ApiServer service =
                ApiServer.start(question -> who.equals("key") ? grantToSigner(question) : grant(question))) {
            Failed failed = switch (who) {
                case "key" -> failed(new Rig(), withKey(service));
                case "account" -> failed(onGoogle(service), ownAccount("gs://b/disk"));
                default -> failed(new Rig(), new TransferSource.Gcs(server.url("/b/disk"), Optional.empty(), false));
            };

            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(failed.message())
                    .startsWith("Unable to connect to gcs data source: expected status code 200, got " + status)
                    .contains(words);
        }
    }

    @Test
    void aKeyThatIsRefusedIsSaidInTheServicesWords() {
        try (ApiServer service = ApiServer.start(question ->
                new Answer(400, "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT Signature.\"}"))) {
            Failed failed = failed(new Rig(), withKey(service));

            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(failed.message())
                    .startsWith("Unable to connect to gcs data source: ")
                    .contains("invalid_grant: Invalid JWT Signature.")
                    .contains(ACCOUNT)
                    .doesNotContain("assertion");
        }
    }

    @Test
    void aPersonsLoginIsExchanged() {
        try (ApiServer service = ApiServer.start(GcsAccessTest::grant)) {
            complete(
                    new Rig(),
                    secret(Map.of(
                            "type", "authorized_user",
                            "client_id", "id",
                            "client_secret", "hidden",
                            "refresh_token", "1//refresh",
                            "token_uri", service.url("/token"))));

            assertThat(form(service.asked().getFirst()))
                    .containsEntry("grant_type", "refresh_token")
                    .containsEntry("refresh_token", "1//refresh");
            assertShown("Bearer granted");
        }
    }

    @Test
    void theClustersOwnProofIsExchangedTwiceWhereItActsForAnAccount() throws IOException {
        Path proof = Files.writeString(directory.resolve("proof"), "{\"token\": \"from the cluster\"}");
        try (ApiServer service = ApiServer.start(question -> question.target().equals("/sts")
                ? new Answer(200, "{\"access_token\":\"federated\",\"expires_in\":3600}")
                : new Answer(
                        200,
                        "{\"accessToken\":\"impersonated\",\"expireTime\":\""
                                + Instant.now().plusSeconds(3600) + "\"}"))) {
            complete(
                    new Rig(),
                    secret(Map.of(
                            "type",
                            "external_account",
                            "audience",
                            "//iam.googleapis.com/pools/p",
                            "subject_token_type",
                            "urn:ietf:params:oauth:token-type:jwt",
                            "token_url",
                            service.url("/sts"),
                            "service_account_impersonation_url",
                            service.url("/impersonate"),
                            "credential_source",
                            Map.of(
                                    "file",
                                    proof.toString(),
                                    "format",
                                    Map.of("type", "json", "subject_token_field_name", "token")))));

            assertThat(service.asked()).hasSize(2);
            assertThat(form(service.asked().getFirst()))
                    .containsEntry("subject_token", "from the cluster")
                    .containsEntry("audience", "//iam.googleapis.com/pools/p");
            Question second = service.asked().getLast();
            assertThat(second.headers().getFirst("Authorization")).isEqualTo("Bearer federated");
            assertThat(second.body()).contains(READ_ONLY);
            assertShown("Bearer impersonated");
        }
    }

    @Test
    void whatEverybodyMayReadIsAskedForByNobodyInParticular() {
        try (ApiServer metadata = ApiServer.start(GcsAccessTest::grant)) {
            complete(onGoogle(metadata), ownAccount("gs://b/disk"));

            assertThat(metadata.asked()).isEmpty();
            assertShown("");
        }
    }

    @Test
    void whatIsRefusedIsAskedForAsTheServiceAccountOfTheDataVolume() {
        disk.faults(Fault.status(401).times(1));
        try (ApiServer metadata = ApiServer.start(GcsAccessTest::grant)) {
            complete(onGoogle(metadata), ownAccount("gs://b/disk"));

            assertThat(metadata.asked()).hasSize(1).allSatisfy(question -> {
                assertThat(question.headers().getFirst("Metadata-Flavor")).isEqualTo("Google");
                assertThat(question.target()).endsWith("token?scopes=" + READ_ONLY);
            });
            assertThat(disk.log().getLast().header("authorization")).isEqualTo("Bearer granted");
        }
    }

    @Test
    void aServerThatIsNotGooglesNeverSeesTheTokenOfTheServiceAccount() {
        disk.faults(Fault.status(401));
        try (FaultServer google = FaultServer.start();
                ApiServer metadata = ApiServer.start(GcsAccessTest::grant)) {
            Rig rig = new Rig()
                    .with(s -> new TransferSettings(
                            s.connections(),
                            s.http(),
                            Map.of(
                                    "STORAGE_EMULATOR_HOST",
                                    google.url(""),
                                    "GCE_METADATA_HOST",
                                    metadata.url("").substring("http://".length()))));

            Failed failed = failed(rig, ownAccount(server.url("/b/disk")));

            assertThat(failed.message()).contains("without credentials");
            assertThat(metadata.asked()).isEmpty();
            assertShown("");
        }
    }

    @Test
    void withoutAMetadataServerTheRefusalIsSaidSoon() {
        disk.faults(Fault.status(403));
        Rig rig = new Rig()
                .with(s -> new TransferSettings(
                        s.connections(),
                        s.http(),
                        Map.of("STORAGE_EMULATOR_HOST", server.url(""), "GCE_METADATA_HOST", "127.0.0.1:1")));

        Failed failed = failed(rig, ownAccount("gs://b/disk"));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("metadata server has no token").contains("secretRef");
    }

    /** CDI's client has a minute for all of an object, however large it is. */
    @Test
    void noLimitIsOneForAllOfTheObject() {
        Duration each = Duration.ofSeconds(5);
        int perSecond = SIZE / 8;
        try (FaultServer slow = FaultServer.start(ServerOptions.defaults().connectionBytesPerSecond(perSecond))) {
            Resource same = slow.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
            Rig rig = new Rig()
                    .with(s -> new TransferSettings(
                            1, new HttpSettings(each, each, each, 1, each, each), s.environment()));

            complete(rig, new TransferSource.Gcs(slow.url("/b/disk"), Optional.empty(), false));

            assertThat(same.stats().bodyBytes()).as("in one go").isLessThan(SIZE + SIZE / 4);
            assertThat(rig.notes()).noneMatch(note -> note.contains("trying again"));
        }
    }

    @Test
    void anotherServerSeesNoToken() {
        try (ApiServer service = ApiServer.start(this::grantToSigner);
                FaultServer other = FaultServer.start()) {
            Resource elsewhere = other.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
            disk.faults(Fault.redirect(other.url("/there")));

            complete(new Rig(), withKey(service));

            assertThat(elsewhere.log())
                    .isNotEmpty()
                    .allMatch(request -> request.header("authorization").isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "not json of any kind | no JSON",
                "{\"type\": \"service_account\", \"private_key\": \"hidden\"} | client_email",
                "{\"type\": \"service_account\", \"client_email\": \"a\", \"private_key\": \"hidden\"} | no RSA key",
                "{\"type\": \"external_account\", \"audience\": \"a\", \"subject_token_type\": \"t\", \"token_url\":"
                        + " \"http://h/\", \"credential_source\": {\"url\": \"http://hidden/\"}} | only files",
                "{\"type\": \"gdch_service_account\", \"private_key\": \"hidden\"} | gdch_service_account",
                "{} | expected service_account",
            })
    void aFileThatCannotBeUsedIsRefusedWithoutBeingShown(String text, String why) throws IOException {
        Path secret = Files.createTempDirectory(directory, "secret");
        Files.writeString(secret.resolve("credentials.json"), text);

        Failed failed =
                failed(new Rig(), new TransferSource.Gcs(server.url("/b/disk"), Optional.of(secret.toString()), false));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .startsWith("Unable to connect to gcs data source: cannot use credentials.json")
                .contains(why)
                .doesNotContain("hidden")
                .doesNotContain("not json of");
    }

    /** As Google does: looks at every claim, and at the signature. */
    private Answer grantToSigner(Question question) {
        Map<String, String> form = form(question);
        String[] parts = form.get("assertion").split("\\.");
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        Map<?, ?> read = TransferJson.read(claims, Map.class);
        long now = Instant.now().getEpochSecond();
        assertThat(form.get("grant_type")).isEqualTo("urn:ietf:params:oauth:grant-type:jwt-bearer");
        assertThat(((Number) read.get("iat")).longValue()).isBetween(now - 60, now);
        assertThat(((Number) read.get("exp")).longValue()).isBetween(now, now + 3600);
        boolean right = ACCOUNT.equals(read.get("iss"))
                && READ_ONLY.equals(read.get("scope"))
                && String.valueOf(read.get("aud")).endsWith("/token")
                && isSigned(parts);
        return right ? grant(question) : new Answer(400, "{\"error\":\"invalid_grant\"}");
    }

    private static boolean isSigned(String[] parts) {
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(pair.getPublic());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return signature.verify(Base64.getUrlDecoder().decode(parts[2]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer grant(Question question) {
        return new Answer(200, "{\"access_token\":\"granted\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
    }

    private static Map<String, String> form(Question question) {
        return Arrays.stream(question.body().split("&"))
                .map(field -> field.split("=", 2))
                .collect(Collectors.toMap(
                        field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
    }

    private TransferSource.Gcs withKey(ApiServer service) {
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        return secret(Map.of(
                "type",
                "service_account",
                "project_id",
                "project",
                "private_key_id",
                "1",
                "private_key",
                pem,
                "client_email",
                ACCOUNT,
                "token_uri",
                service.url("/token")));
    }

    private TransferSource.Gcs secret(Map<String, Object> file) {
        Path secret = S3Rig.secret(directory, Map.of("credentials.json", TransferJson.write(new HashMap<>(file))));
        return new TransferSource.Gcs(server.url("/b/disk"), Optional.of(secret.toString()), false);
    }

    private static TransferSource.Gcs ownAccount(String url) {
        return new TransferSource.Gcs(url, Optional.empty(), true);
    }

    private Rig onGoogle(ApiServer metadata) {
        Map<String, String> environment = Map.of(
                "STORAGE_EMULATOR_HOST",
                server.url(""),
                "GCE_METADATA_HOST",
                metadata.url("").substring("http://".length()));
        return new Rig().with(s -> new TransferSettings(s.connections(), s.http(), environment));
    }

    private void assertShown(String authorization) {
        assertThat(disk.log())
                .isNotEmpty()
                .allMatch(request -> request.header("authorization").equals(authorization));
    }

    private void complete(Rig rig, TransferSource source) {
        rig.complete(Rig.plan(source, Rig.file(directory), SIZE));
        assertThat(directory.resolve("disk.img")).hasBinaryContent(bytes);
        assertThat(rig.reports.toString()).doesNotContain("granted").doesNotContain("hidden");
    }

    private Failed failed(Rig rig, TransferSource source) {
        return rig.failed(Rig.plan(source, Rig.file(directory), SIZE));
    }
}
