package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServedRequest;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferSource;
import io.dvflow.transfer.TransferTarget;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What S3 servers say beside the bytes, who gets to see signatures, and keys that the cloud lends. */
class S3AccessTest {

    private static final int SIZE = 1 << 20;
    private static final String ROLE = "arn:aws:iam::123456789012:role/images";

    @TempDir
    Path directory;

    private final byte[] bytes = new byte[SIZE];
    private FaultServer server;
    private Path secret;

    @BeforeEach
    void serve() {
        new Random(67).nextBytes(bytes);
        server = FaultServer.start();
        secret = S3Rig.secret(directory, Map.of("accessKeyId", "AKID", "secretKey", "hidden", "sessionToken", "lent"));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void everyRequestCarriesTheTokenOfTheKeys() {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));

        complete(new Rig(), S3Rig.source(server.url("/b/disk"), secret));

        assertThat(disk.log()).isNotEmpty().allSatisfy(request -> {
            assertThat(request.header("x-amz-security-token")).isEqualTo("lent");
            assertThat(request.header("authorization")).contains("x-amz-security-token");
        });
    }

    @Test
    void slowDownIsObeyed() {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        disk.faults(
                Fault.status(503)
                        .text(error("SlowDown", "Please reduce your request rate."))
                        .times(2),
                Fault.status(400)
                        .text(error("RequestTimeout", "Too slow."))
                        .skip(2)
                        .times(1));
        Rig rig = new Rig();

        complete(rig, S3Rig.source(server.url("/b/disk"), secret));

        assertThat(rig.notes()).anyMatch(note -> note.contains("RequestTimeout: Too slow"));
    }

    @Test
    void aUrlThatIsSignedIsAskedAsItIs() {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));

        complete(new Rig(), S3Rig.source(server.url("/b/disk?X-Amz-Signature=abc"), secret));

        assertThat(disk.log())
                .isNotEmpty()
                .allMatch(request -> request.header("authorization").isEmpty());
    }

    @Test
    void anotherServerSeesNoSignature() {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes));
        try (FaultServer other = FaultServer.start()) {
            Resource elsewhere = other.add("/there", ResourceSpec.of(bytes).etag("\"v1\""));
            disk.faults(Fault.redirect(other.url("/there")));

            complete(new Rig(), S3Rig.source(server.url("/b/disk"), secret));

            assertThat(elsewhere.log()).isNotEmpty().allSatisfy(request -> {
                assertThat(request.header("authorization")).isEmpty();
                assertThat(request.header("x-amz-security-token")).isEmpty();
            });
        }
    }

    /** AWS sends no address with it. */
    @Test
    void aBucketInAnotherRegionIsFoundThere() {
        Resource here = server.add("http://s3.amazonaws.com/b/disk", ResourceSpec.of(bytes));
        here.faults(
                Fault.status(301).text(error("PermanentRedirect", "Elsewhere.")),
                Fault.header("x-amz-bucket-region: eu-north-1"));
        Resource there = server.add(
                "http://s3.eu-north-1.amazonaws.com/b/disk",
                ResourceSpec.of(bytes).etag("\"v1\""));

        complete(
                withEnvironment(Map.of("http_proxy", server.url(""))),
                S3Rig.source("http://s3.amazonaws.com/b/disk", secret));

        assertThat(here.log()).as("asked once").hasSize(1);
        assertThat(there.log())
                .isNotEmpty()
                .allMatch(request -> request.header("authorization").contains("/eu-north-1/s3/aws4_request"));
    }

    @Test
    void theClockOfTheServerCounts() {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        disk.faults(
                Fault.status(403)
                        .text(error("RequestTimeTooSkewed", "The difference is too large."))
                        .times(1),
                Fault.header("Date: Thu, 01 Jan 2026 10:00:00 GMT").times(1));

        complete(new Rig(), S3Rig.source(server.url("/b/disk"), secret));

        List<ServedRequest> later = disk.log().subList(1, disk.log().size());
        assertThat(later)
                .isNotEmpty()
                .allMatch(request -> request.header("x-amz-date").startsWith("20260101T1000"));
    }

    @Test
    void aClockThatIsNeverRightIsSaid() {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        disk.faults(Fault.status(403).text(error("RequestTimeTooSkewed", "The difference is too large.")));

        Failed failed = new Rig().failed(Rig.plan(S3Rig.source(server.url("/b/disk"), secret), target(), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("RequestTimeTooSkewed").contains("clock of the node");
    }

    @ParameterizedTest
    @CsvSource({
        "401, true, the secret that the source's secretRef names",
        "403, true, the secret that the source's secretRef names",
        "401, false, Name a secret with accessKeyId and secretKey in its secretRef",
        "403, false, Name a secret with accessKeyId and secretKey in its secretRef",
    })
    void aRefusalWithoutAWordNamesTheSecretOrWhereOneBelongs(int status, boolean withSecret, String words) {
        server.add("/b/disk", ResourceSpec.of(bytes)).faults(Fault.status(status));
        String url = server.url("/b/disk");

        Failed failed = new Rig()
                .failed(Rig.plan(withSecret ? S3Rig.source(url, secret) : S3Rig.anonymous(url), target(), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .startsWith("Unable to connect to s3 data source: expected status code 200, got " + status)
                .contains(words)
                .doesNotContain("hidden");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aRoleThatMayNotReadIsNamedAndWhatCanTakeItsPlace(int status) throws IOException {
        server.add("/b/disk", ResourceSpec.of(bytes)).faults(Fault.status(status));
        try (ApiServer service = lending(Duration.ofHours(1))) {
            Failed failed = withRole(service).failed(Rig.plan(S3Rig.anonymous(server.url("/b/disk")), target(), SIZE));

            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(failed.message()).contains(ROLE).contains("secretRef");
        }
    }

    @Test
    void keysAreBorrowedForTheServiceAccount() throws IOException {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        try (ApiServer service = lending(Duration.ofHours(1))) {
            complete(withRole(service), S3Rig.anonymous(server.url("/b/disk")));

            assertThat(service.asked())
                    .hasSize(1)
                    .allSatisfy(question -> assertThat(URLDecoder.decode(question.body(), StandardCharsets.UTF_8))
                            .contains("Action=AssumeRoleWithWebIdentity&Version=2011-06-15")
                            .contains("RoleArn=" + ROLE)
                            .endsWith("WebIdentityToken=token+of/the account"));
            assertThat(disk.log()).isNotEmpty().allSatisfy(request -> {
                assertThat(request.header("authorization")).contains("Credential=ASIALENT/");
                assertThat(request.header("x-amz-security-token")).isEqualTo("a<b&c");
            });
        }
    }

    @Test
    void borrowedKeysAreExchangedBeforeTheyRunOut() throws IOException {
        server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        try (ApiServer service = lending(Duration.ofMinutes(4))) {
            complete(withRole(service), S3Rig.anonymous(server.url("/b/disk")));

            assertThat(service.asked()).hasSizeGreaterThan(1);
        }
    }

    @Test
    void borrowedKeysThatAreRefusedAreExchangedOnce() throws IOException {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));
        disk.faults(Fault.status(403)
                .text(error("InvalidAccessKeyId", "No such key."))
                .times(1));
        try (ApiServer service = lending(Duration.ofHours(1))) {
            complete(withRole(service), S3Rig.anonymous(server.url("/b/disk")));

            assertThat(service.asked()).hasSize(2);
        }
    }

    @Test
    void aRoleThatDoesNotTrustTheAccountIsNamed() throws IOException {
        server.add("/b/disk", ResourceSpec.of(bytes));
        try (ApiServer service =
                ApiServer.start(question -> new ApiServer.Answer(403, error("AccessDenied", "Not authorized.")))) {
            Failed failed = withRole(service).failed(Rig.plan(S3Rig.anonymous(server.url("/b/disk")), target(), SIZE));

            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(failed.message())
                    .startsWith("Unable to connect to s3 data source: ")
                    .contains("AccessDenied: Not authorized")
                    .contains(ROLE)
                    .doesNotContain("token+of");
        }
    }

    /** A server that is not AWS's has no use for AWS's keys. */
    @Test
    void withoutATokenServiceOfItsOwnAnotherServerIsAskedAnonymously() throws IOException {
        Resource disk = server.add("/b/disk", ResourceSpec.of(bytes).etag("\"v1\""));

        complete(withEnvironment(identity()), S3Rig.anonymous(server.url("/b/disk")));

        assertThat(disk.log())
                .isNotEmpty()
                .allMatch(request -> request.header("authorization").isEmpty());
    }

    private void complete(Rig rig, TransferSource source) {
        rig.complete(Rig.plan(source, target(), SIZE));
        assertThat(directory.resolve("disk.img")).hasBinaryContent(bytes);
    }

    private static ApiServer lending(Duration time) {
        return ApiServer.start(question ->
                new ApiServer.Answer(200, """
                <AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
                <AccessKeyId>ASIALENT</AccessKeyId>
                <SecretAccessKey>hidden</SecretAccessKey>
                <SessionToken>a&lt;b&amp;c</SessionToken>
                <Expiration>%s</Expiration>
                </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
                """.formatted(Instant.now().plus(time))));
    }

    private Rig withRole(ApiServer service) throws IOException {
        Map<String, String> environment = new HashMap<>(identity());
        environment.put("AWS_ENDPOINT_URL_STS", service.url("/"));
        return withEnvironment(environment);
    }

    /** As the cloud's webhook sets it. */
    private Map<String, String> identity() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "token+of/the account\n");
        return Map.of("AWS_ROLE_ARN", ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE", token.toString());
    }

    private static Rig withEnvironment(Map<String, String> environment) {
        return new Rig().with(s -> new TransferSettings(s.connections(), s.http(), environment));
    }

    private TransferTarget target() {
        return Rig.file(directory);
    }

    private static String error(String code, String message) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>" + message
                + "</Message><RequestId>1</RequestId></Error>";
    }
}
