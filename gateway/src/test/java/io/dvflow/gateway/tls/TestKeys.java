package io.dvflow.gateway.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;

/** Self-signed key pairs for 127.0.0.1, made with the JDK's keytool. */
public record TestKeys(X509Certificate certificate, PrivateKey key) {
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** @param algorithm RSA (of 2048 bits) or EC */
    public static TestKeys make(Path directory, String algorithm)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path store = Files.createTempFile(directory, "keys", ".p12");
        Files.delete(store);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-alias",
                        "test",
                        "-dname",
                        "CN=dvflow-test",
                        "-keyalg",
                        algorithm,
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-validity",
                        "1")
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool could not make a key pair:\n" + output);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(store)) {
            keys.load(file, PASSWORD);
        }
        return new TestKeys((X509Certificate) keys.getCertificate("test"), (PrivateKey) keys.getKey("test", PASSWORD));
    }

    /** Writes tls.crt and tls.key. */
    public void writeTo(Path directory) throws IOException, GeneralSecurityException {
        Files.writeString(directory.resolve("tls.crt"), certificatePem());
        Files.writeString(directory.resolve("tls.key"), pem("PRIVATE KEY", key.getEncoded()));
    }

    public String certificatePem() throws GeneralSecurityException {
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /** The key as openssl and Helm write it: without the 26 bytes that PKCS#8 puts before a key of 2048 bits. */
    String keyPemInPkcs1() {
        byte[] encoded = key.getEncoded();
        return pem("RSA PRIVATE KEY", Arrays.copyOfRange(encoded, 26, encoded.length));
    }

    private static String pem(String type, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
