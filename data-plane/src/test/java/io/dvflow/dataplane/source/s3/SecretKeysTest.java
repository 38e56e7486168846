package io.dvflow.dataplane.source.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys that are only lent run out while a disk is on its way; whoever renews them replaces the secret. */
class SecretKeysTest {

    @TempDir
    Path secret;

    private SecretKeys keys;

    @BeforeEach
    void mount() throws IOException {
        write("old");
        keys = new SecretKeys(secret);
    }

    @Test
    void theSameKeysAreNotTriedAgain() {
        assertThat(keys.renew(System.nanoTime())).isFalse();
    }

    @Test
    void otherKeysAreTakenUp() throws IOException {
        long askedAt = System.nanoTime();
        write("new");

        assertThat(keys.renew(askedAt)).isTrue();
        assertThat(keys.keys())
                .hasValueSatisfying(found -> assertThat(found.accessKeyId()).isEqualTo("new"));
    }

    @Test
    void allConnectionsGetThemThatWereRefusedWithTheOldOnes() throws IOException {
        long askedAt = System.nanoTime();
        write("new");

        assertThat(keys.renew(askedAt)).isTrue();
        assertThat(keys.renew(askedAt)).isTrue();
        assertThat(keys.renew(System.nanoTime())).isFalse();
    }

    private void write(String id) throws IOException {
        Files.writeString(secret.resolve("accessKeyId"), id);
        Files.writeString(secret.resolve("secretKey"), "s");
    }
}
