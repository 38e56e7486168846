package io.dvflow.gateway.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadingKeyManagerTest {
    @TempDir
    private Path directory;

    @Test
    void servesANewCertificateOnceItsFilesHaveChanged() throws Exception {
        TestKeys first = TestKeys.make(directory, "EC");
        first.writeTo(directory);
        ReloadingKeyManager keys = ReloadingKeyManager.watching(directory);
        String handshake = keys.chooseEngineServerAlias("EC", null, null);

        TestKeys second = TestKeys.make(directory, "EC");
        second.writeTo(directory);
        touch(1);
        String next = keys.chooseEngineServerAlias("EC", null, null);

        assertThat(keys.getCertificateChain(next)).containsExactly(second.certificate());
        assertThat(keys.getPrivateKey(next)).isEqualTo(second.key());
        assertThat(keys.getCertificateChain(handshake))
                .as("a handshake begun before")
                .containsExactly(first.certificate());
        assertThat(keys.getPrivateKey(handshake)).isEqualTo(first.key());
    }

    @Test
    void keepsThePairInUseWhenTheNewOneIsHalfWritten() throws Exception {
        TestKeys first = TestKeys.make(directory, "EC");
        first.writeTo(directory);
        ReloadingKeyManager keys = ReloadingKeyManager.watching(directory);

        Files.writeString(
                directory.resolve("tls.crt"), TestKeys.make(directory, "EC").certificatePem());
        touch(1);

        assertThat(keys.getCertificateChain(keys.chooseEngineServerAlias("EC", null, null)))
                .containsExactly(first.certificate());
    }

    @Test
    void readsKeysOfEveryNotationThatToolsWrite() throws Exception {
        TestKeys elliptic = TestKeys.make(directory, "EC");
        elliptic.writeTo(directory);
        assertThat(ReloadingKeyManager.watching(directory).getPrivateKey("0")).isEqualTo(elliptic.key());

        TestKeys rsa = TestKeys.make(directory, "RSA");
        rsa.writeTo(directory);
        Files.writeString(directory.resolve("tls.key"), rsa.keyPemInPkcs1());
        assertThat(ReloadingKeyManager.watching(directory).getPrivateKey("0")).isEqualTo(rsa.key());
    }

    @Test
    void offersAKeyOnlyForItsOwnAlgorithm() throws Exception {
        TestKeys.make(directory, "EC").writeTo(directory);
        ReloadingKeyManager keys = ReloadingKeyManager.watching(directory);

        assertThat(keys.chooseEngineServerAlias("RSA", null, null)).isNull();
        assertThat(keys.chooseEngineServerAlias("EC", null, null)).isNotNull();
    }

    @Test
    void saysWhatIsWrongWithThePair() throws Exception {
        assertThatThrownBy(() -> ReloadingKeyManager.watching(directory))
                .hasMessageContaining("tls.crt and tls.key from " + directory);

        TestKeys.make(directory, "EC").writeTo(directory);
        Files.writeString(
                directory.resolve("tls.crt"), TestKeys.make(directory, "EC").certificatePem());
        assertThatThrownBy(() -> ReloadingKeyManager.watching(directory))
                .hasRootCauseMessage("The key in %s is not that of the certificate in %s"
                        .formatted(directory.resolve("tls.key"), directory.resolve("tls.crt")));
    }

    // File systems may keep times too coarsely to tell two writes of one test apart.
    private void touch(int secondsAhead) throws IOException {
        FileTime time = FileTime.from(Instant.now().plusSeconds(secondsAhead));
        Files.setLastModifiedTime(directory.resolve("tls.crt"), time);
        Files.setLastModifiedTime(directory.resolve("tls.key"), time);
    }
}
