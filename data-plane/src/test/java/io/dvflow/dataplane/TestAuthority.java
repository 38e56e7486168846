package io.dvflow.dataplane;

import io.dvflow.testbed.http.PemIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import javax.net.ssl.SSLContext;

/** A certificate authority that nobody knows, and a server certificate of it. */
final class TestAuthority {

    private static final String PASSWORD = "changeit";

    private final Path directory;
    private final Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");

    TestAuthority(Path directory) {
        this.directory = directory;
        run("ca", "-genkeypair", "-keyalg", "EC", "-dname", "CN=Nobody's Authority", "-ext", "bc:c", "-validity", "2");
    }

    /** The directory a config map would be mounted to. */
    Path certificates() throws IOException {
        Path mounted = Files.createDirectories(directory.resolve("certificates"));
        run("ca", "-exportcert", "-rfc", "-file", mounted.resolve("ca.pem").toString());
        return mounted;
    }

    /**
     * A server's identity, signed by the authority.
     *
     * @param name as in {@code ip:127.0.0.1} or {@code dns:images.example}
     */
    SSLContext server(String name) throws IOException, GeneralSecurityException {
        String alias = name.replace(':', '-');
        run(alias, "-genkeypair", "-keyalg", "EC", "-dname", "CN=images", "-signer", "ca", "-ext", "san=" + name);
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store())) {
            store.load(in, PASSWORD.toCharArray());
        }
        PrivateKey key = (PrivateKey) store.getKey(alias, PASSWORD.toCharArray());
        return PemIdentity.of(store.getCertificateChain(alias), key);
    }

    private Path store() {
        return directory.resolve("keys.p12");
    }

    private void run(String alias, String command, String... more) {
        Object[] words = new Object[more.length + 8];
        System.arraycopy(
                new Object[] {keytool, command, "-alias", alias, "-keystore", store(), "-storepass", PASSWORD},
                0,
                words,
                0,
                8);
        System.arraycopy(more, 0, words, 8, more.length);
        Shell.run(words);
    }
}
