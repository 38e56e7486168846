package io.dvflow.dataplane.source.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.registry.RegistryLogin.Anonymous;
import io.dvflow.dataplane.source.registry.RegistryLogin.IdentityToken;
import io.dvflow.dataplane.source.registry.RegistryLogin.Password;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which of the logins in a Secret is the one for an image. */
class LoginSecretTest {

    @TempDir
    Path secret;

    @Test
    void withoutASecretNobodyAsks() {
        assertThat(LoginSecret.find(Optional.empty(), image("quay.io/a/b")).login())
                .isEqualTo(new Anonymous());
    }

    @Test
    void twoKeysAreALoginForWhateverIsNamed() throws IOException {
        Files.writeString(secret.resolve("accessKeyId"), "_json_key\n");
        Files.writeString(secret.resolve("secretKey"), "{\n \"type\": \"service_account\"\n}\n");

        assertThat(login("gcr.io/a/b")).isEqualTo(new Password("_json_key", "{\n \"type\": \"service_account\"\n}"));
    }

    @ParameterizedTest
    @CsvSource({
        "quay.io, quay.io/a/b, true",
        "quay.io, other.io/a/b, false",
        "https://quay.io, quay.io/a/b, true",
        "https://quay.io/v2/, quay.io/a/b, true",
        "quay.io/v1/, quay.io/a/b, true",
        "https://index.docker.io/v1/, docker.io/a/b, true",
        "docker.io, fedora, true",
        "index.docker.io, docker.io/library/fedora, true",
        "quay.io/a, quay.io/a/b, true",
        "quay.io/a/b, quay.io/a/b, true",
        "quay.io/a/, quay.io/a/b, true",
        "quay.io/a/b, quay.io/a/bc, false",
        "quay.io/b, quay.io/a/b, false",
        "QUAY.io, quay.io/a/b, true",
        "quay.io:443, quay.io/a/b, false",
        "registry:5000, registry:5000/a, true",
        "registry:5000, registry:5001/a, false",
        "*.azurecr.io, mine.azurecr.io/a, true",
        "*.azurecr.io, azurecr.io/a, false",
        "*.azurecr.io, not.mine.azurecr.io/a, false",
        "reg*.io/a, registry.io/a/b, true",
        "quay.io.evil.com, quay.io/a/b, false",
        "quayXio, quay.io/a/b, false"
    })
    void anEntryIsForWhatItNames(String key, String image, boolean matches) throws IOException {
        dockerConfig("{\"auths\":{\"" + key + "\":{\"auth\":\"" + base64("jane:secret") + "\"}}}");

        assertThat(login(image)).isEqualTo(matches ? new Password("jane", "secret") : new Anonymous());
    }

    @Test
    void theLongestNameWins() throws IOException {
        dockerConfig("{\"auths\":{\"quay.io\":{\"auth\":\"" + base64("all:1") + "\"},\"quay.io/a/b\":{\"auth\":\""
                + base64("b:2:3") + "\"},\"quay.io/a\":{\"username\":\"a\",\"password\":\"x\"}}}");

        assertThat(login("quay.io/a/b")).isEqualTo(new Password("b", "2:3"));
        assertThat(login("quay.io/a/c")).isEqualTo(new Password("a", "x"));
        assertThat(login("quay.io/x/y")).isEqualTo(new Password("all", "1"));
    }

    @Test
    void anIdentityTokenIsMoreThanAPassword() throws IOException {
        dockerConfig(
                "{\"auths\":{\"quay.io\":{\"auth\":\"" + base64("00000000:") + "\",\"identitytoken\":\"t0ken\"}}}");

        assertThat(login("quay.io/a")).isEqualTo(new IdentityToken("t0ken"));
    }

    @Test
    void ofTwoForOneRegistryTheLastIsTaken() throws IOException {
        dockerConfig("{\"auths\":{\"quay.io\":{\"auth\":\"" + base64("old:1") + "\"},\"quay.io\":{\"auth\":\""
                + base64("new:2") + "\"}}}");

        assertThat(login("quay.io/a")).isEqualTo(new Password("new", "2"));
    }

    @Test
    void theOldFileHasItsEntriesAtTheTop() throws IOException {
        Files.writeString(
                secret.resolve(".dockercfg"), "{\"https://quay.io\":{\"auth\":\"" + base64("jane:secret") + "\"}}");

        assertThat(login("quay.io/a")).isEqualTo(new Password("jane", "secret"));
    }

    @Test
    void whoIsNotInTheFileIsToldWhoIs() throws IOException {
        dockerConfig("{\"auths\":{\"ghcr.io\":{\"auth\":\"" + base64("jane:secret") + "\"}}}");

        LoginSecret found = LoginSecret.find(Optional.of(secret), image("quay.io/a"));

        assertThat(found.account()).contains("no login for quay.io").contains("ghcr.io");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret-3141 is not JSON",
                "{\"auths\": [\"secret-3141\"]}",
                "{\"auths\":{\"quay.io\":{\"auth\":\"%%%secret-3141\"}}}",
                "{\"auths\":{\"quay.io\":{\"auth\":\"c2VjcmV0LTMxNDE=\"}}}"
            })
    void aFileThatMakesNoSenseIsNamedAndNotShown(String text) throws IOException {
        dockerConfig(text);

        assertThatThrownBy(() -> login("quay.io/a"))
                .isInstanceOf(TransferFailure.class)
                .hasMessageContaining("secretRef")
                .hasNoCause()
                .extracting(Throwable::getMessage)
                .asString()
                .doesNotContain("3141");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"auths\":null}", "{\"auths\":{}}", "{\"auths\":{\"quay.io\":null}}"})
    void emptyFilesHoldNoLogins(String text) throws IOException {
        dockerConfig(text);

        assertThat(login("quay.io/a")).isEqualTo(new Anonymous());
    }

    @Test
    void aSecretWithNeitherSaysWhatItNeeds() {
        assertThatThrownBy(() -> login("quay.io/a")).hasMessageContaining("accessKeyId and secretKey");
    }

    private RegistryLogin login(String image) {
        return LoginSecret.find(Optional.of(secret), image(image)).login();
    }

    private static ImageReference image(String name) {
        return ImageReference.parse("docker://" + name);
    }

    private void dockerConfig(String json) throws IOException {
        Files.writeString(secret.resolve(".dockerconfigjson"), json);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
