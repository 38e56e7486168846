package io.dvflow.testbed.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;

/** A certificate authority that nobody knows, and the certificates of its servers. */
public final class TestAuthority {

    private static final String PASSWORD = "changeit";

    private final Path directory;

    /** @param directory for its keys; one authority each */
    public TestAuthority(Path directory) {
        this.directory = directory;
        keytool(
                "ca",
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=Nobody's Authority",
                "-ext",
                "bc:c",
                "-validity",
                "2");
    }

    /** Its own certificate, as PEM text. */
    public String certificate() {
        return keytool("ca", "-exportcert", "-rfc");
    }

    /** A directory with its own certificate in it, as a ConfigMap would be mounted. */
    public Path certificates() {
        try {
            Path mounted = Files.createDirectories(directory.resolve("certificates"));
            Files.writeString(mounted.resolve("ca.pem"), certificate());
            return mounted;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write down the certificate of an authority in " + directory, e);
        }
    }

    /**
     * A server's identity.
     *
     * @param name as in {@code ip:127.0.0.1} or {@code dns:images.example}
     */
    public SSLContext server(String name) {
        return server(name, "-0d");
    }

    /** One that was valid for a day until yesterday. */
    public SSLContext expiredServer(String name) {
        return server(name, "-2d");
    }

    /**
     * A server's certificate with its chain, and its key, for servers that read files.
     *
     * @param certificates PEM
     * @param key PEM, unencrypted PKCS #8
     */
    public record PemFiles(Path certificates, Path key) {}

    /** @param name as in {@code ip:127.0.0.1} or {@code dns:images.example} */
    public PemFiles serverFiles(String name) {
        String alias = makeServer(name, "-0d");
        try {
            KeyStore store = keys();
            StringBuilder chain = new StringBuilder();
            for (Certificate certificate : store.getCertificateChain(alias)) {
                chain.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            String key = pem(
                    "PRIVATE KEY", store.getKey(alias, PASSWORD.toCharArray()).getEncoded());
            return new PemFiles(
                    Files.writeString(directory.resolve(alias + ".pem"), chain),
                    Files.writeString(directory.resolve(alias + "-key.pem"), key));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot write down the identity of " + name + " in " + directory, e);
        }
    }

    private static String pem(String kind, byte[] content) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END " + kind
                + "-----\n";
    }

    private SSLContext server(String name, String start) {
        String alias = makeServer(name, start);
        try {
            KeyStore store = keys();
            return PemIdentity.of(
                    store.getCertificateChain(alias), (PrivateKey) store.getKey(alias, PASSWORD.toCharArray()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot read the identity of " + name + " from " + store(), e);
        }
    }

    /** Returns its alias. */
    private String makeServer(String name, String start) {
        String alias = UUID.randomUUID().toString();
        keytool(
                alias,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=images",
                "-signer",
                "ca",
                "-ext",
                "san=" + name,
                "-startdate",
                start,
                "-validity",
                "1");
        return alias;
    }

    private KeyStore keys() throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(store())) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            return store;
        }
    }

    private Path store() {
        return directory.resolve("keys.p12");
    }

    private String keytool(String alias, String command, String... more) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                command,
                "-alias",
                alias,
                "-keystore",
                store().toString(),
                "-storepass",
                PASSWORD));
        words.addAll(List.of(more));
        try {
            Process process = new ProcessBuilder(words)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(words + " failed: " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot run " + words, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted during " + words, e);
        }
    }
}
