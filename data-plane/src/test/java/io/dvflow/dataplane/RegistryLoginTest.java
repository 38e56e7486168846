package io.dvflow.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.dataplane.ContainerImage.Packing;
import io.dvflow.dataplane.GuardedRegistry.Seen;
import io.dvflow.dataplane.tar.TestTar;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServedRequest;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferOutcome.Failed;
import io.dvflow.transfer.TransferPlan;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Logins, tokens, certificates: who gets in, and who gets to see what. */
class RegistryLoginTest {

    private static final int SIZE = 1 << 20;

    @TempDir
    Path directory;

    private final byte[] disk = new byte[SIZE];
    private final GuardedRegistry registry = new GuardedRegistry();
    // The JDK's server says nothing to somebody who tries TLS.
    private final Rig rig = Rig.impatient();
    private ContainerImage image;
    private Path volume;

    @BeforeEach
    void push() throws IOException {
        new Random(9).nextBytes(disk);
        image = new ContainerImage()
                .layer(new TestTar().file("disk/disk.img", disk).end(), Packing.PLAIN);
        registry.push(image, "v1");
        volume = Files.createDirectory(directory.resolve("volume"));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void aTokenIsFetchedForTheLoginAndUsedForEverything() throws IOException {
        rig.complete(plan(Optional.of(login("jane", "s3cret"))));

        assertDiskArrived();
        assertThat(registry.tokens).hasValue(1);
        assertThat(registry.seenAt("/token")).singleElement().satisfies(asked -> {
            assertThat(asked.query())
                    .contains("kind=pull")
                    .contains("service=the+registry")
                    .contains("scope=repository%3Aprivate%2Fdisks%3Apull")
                    .contains("account=jane");
            assertThat(asked.authorization()).contains("Basic " + GuardedRegistry.base64("jane:s3cret"));
        });
        assertThat(registry.seenAt("/blobs/"))
                .isNotEmpty()
                .allSatisfy(asked -> assertThat(asked.authorization()).contains("Bearer token-1"));
        assertThat(rig.reports.toString()).doesNotContain("s3cret").doesNotContain("token-1");
    }

    @Test
    void pullSecretsWork() throws IOException {
        Path secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(
                secret.resolve(".dockerconfigjson"),
                "{\"auths\":{\"" + registry.authority() + "/private\":{\"auth\":\""
                        + GuardedRegistry.base64("jane:s3cret") + "\"}}}");

        rig.complete(plan(Optional.of(secret)));

        assertDiskArrived();
    }

    @Test
    void identityTokensWork() throws IOException {
        registry.refreshToken = "refresh-me";
        Path secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(
                secret.resolve(".dockerconfigjson"),
                "{\"auths\":{\"" + registry.authority() + "\":{\"identitytoken\":\"refresh-me\"}}}");

        rig.complete(plan(Optional.of(secret)));

        assertDiskArrived();
        assertThat(registry.seenAt("/token")).allSatisfy(asked -> {
            assertThat(asked.body()).contains("grant_type=refresh_token");
            assertThat(asked.query()).doesNotContain("refresh-me");
        });
    }

    @Test
    void aTokenThatIsTakenBackIsReplaced() throws IOException {
        registry.answersPerToken = 1;

        rig.complete(plan(Optional.of(login("jane", "s3cret"))));

        assertDiskArrived();
        assertThat(registry.tokens.get()).isGreaterThan(2);
    }

    @Test
    void aWrongLoginIsSaidAndNotShown() throws IOException {
        Failed failed = rig.failed(plan(Optional.of(login("jane", "guess-3141"))));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .contains("401")
                .contains("accessKeyId and secretKey")
                .contains("failed to pull image")
                .doesNotContain("3141");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aLoginThatMayNotPullNamesTheSecret(int status) throws IOException {
        registry.refusal = Optional.of(status);

        Failed failed = rig.failed(plan(Optional.of(login("jane", "s3cret"))));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .contains("the registry answered " + status)
                .contains("DENIED: not for you")
                .contains("the secret named in secretRef has accessKeyId and secretKey");
    }

    @Test
    void aPullSecretWithoutALoginForTheRegistrySaysWhichItHas() throws IOException {
        Path secret = Files.createDirectory(directory.resolve("secret"));
        Files.writeString(secret.resolve(".dockerconfigjson"), "{\"auths\":{\"quay.io\":{\"auth\":\"YTpi\"}}}");

        Failed failed = rig.failed(plan(Optional.of(secret)));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message())
                .contains("the secret named in secretRef holds no login for " + registry.authority())
                .contains("quay.io");
    }

    @Test
    void whoHasNoLoginIsToldSo() {
        Failed failed = rig.failed(plan(Optional.empty()));

        assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
        assertThat(failed.message()).contains("names no secretRef");
    }

    @Test
    void aLoginIsShownToARegistryThatWantsNoToken() throws IOException {
        registry.challenge = "Basic realm=\"here\"";

        rig.complete(plan(Optional.of(login("jane", "s3cret"))));

        assertDiskArrived();
        assertThat(registry.tokens).hasValue(0);
    }

    @Test
    void aRegistryThatWantsSomethingElseIsNotUnderstood() throws IOException {
        registry.challenge = "Negotiate";

        Failed failed = rig.failed(plan(Optional.of(login("jane", "s3cret"))));

        assertThat(failed.message()).contains("negotiate").contains("bearer and basic");
    }

    @Test
    void whereBlobsAreRedirectedToNothingIsShown() throws IOException {
        try (FaultServer storage = FaultServer.start()) {
            List<Resource> blobs = image.blobs.entrySet().stream()
                    .map(blob -> storage.add("/" + blob.getKey(), ResourceSpec.of(blob.getValue())))
                    .toList();
            registry.storage = Optional.of("http://127.0.0.1:" + storage.port());

            rig.complete(plan(Optional.of(login("jane", "s3cret"))));

            assertDiskArrived();
            assertThat(blobs)
                    .allSatisfy(blob -> assertThat(blob.log())
                            .isNotEmpty()
                            .extracting(ServedRequest::headers)
                            .allSatisfy(headers -> assertThat(headers).doesNotContainKey("authorization")));
        }
    }

    @Test
    void aChallengeFromWhereARedirectLedIsNotFollowed() throws IOException {
        try (FaultServer storage = FaultServer.start(ServerOptions.defaults().login("who", "knows"))) {
            image.blobs.forEach((digest, content) -> storage.add("/" + digest, ResourceSpec.of(content)));
            registry.storage = Optional.of("http://127.0.0.1:" + storage.port());

            Failed failed = rig.failed(plan(Optional.of(login("jane", "s3cret"))));

            assertThat(failed.reason()).isEqualTo(FailureReason.UNAUTHORIZED);
            assertThat(storage.resources().values())
                    .allSatisfy(blob -> assertThat(blob.log())
                            .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("authorization")));
        }
    }

    @Test
    void theRegistrysWordsAreRepeated() throws IOException {
        TransferSource.Registry gone = registry.source("v2", Optional.of(login("jane", "s3cret")));

        Failed failed = rig.failed(Rig.plan(gone, Rig.file(volume), SIZE));

        assertThat(failed.reason()).isEqualTo(FailureReason.NOT_FOUND);
        assertThat(failed.message()).contains("MANIFEST_UNKNOWN: not here").contains("private/disks:v2");
    }

    @Test
    void aTokenServerThatSaysNonsenseIsNotBelieved() throws IOException {
        registry.login = "nobody";
        registry.challenge = "Bearer realm=\"%s/v2/private/disks/manifests/v1\"";

        Failed failed = rig.failed(plan(Optional.of(login("jane", "s3cret"))));

        assertThat(failed.reason()).isIn(FailureReason.UNAUTHORIZED, FailureReason.REFUSED_BY_SERVER);
        assertThat(registry.seen.stream().map(Seen::path)).doesNotContain("/token");
    }

    private TransferPlan plan(Optional<Path> secret) {
        return Rig.plan(registry.source("v1", secret), Rig.file(volume), SIZE);
    }

    private Path login(String user, String password) throws IOException {
        Path secret = Files.createDirectories(directory.resolve("login"));
        Files.writeString(secret.resolve("accessKeyId"), user);
        Files.writeString(secret.resolve("secretKey"), password + "\n");
        return secret;
    }

    private void assertDiskArrived() throws IOException {
        assertThat(Files.readAllBytes(volume.resolve("disk.img"))).isEqualTo(disk);
    }
}
