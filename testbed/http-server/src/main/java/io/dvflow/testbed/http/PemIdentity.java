package io.dvflow.testbed.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** TLS identity of a server from PEM files. */
public final class PemIdentity {

    private PemIdentity() {}

    /**
     * @param certificates the server's certificate, then its chain
     * @param key unencrypted PKCS #8, RSA or EC
     */
    public static SSLContext load(Path certificates, Path key) throws IOException, GeneralSecurityException {
        Certificate[] chain = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificates)))
                .toArray(Certificate[]::new);
        String algorithm = chain[0].getPublicKey().getAlgorithm();
        return of(chain, KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(decode(key))));
    }

    public static SSLContext of(Certificate[] chain, PrivateKey key) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("server", key, new char[0], chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static byte[] decode(Path key) throws IOException {
        String pem = Files.readString(key, StandardCharsets.US_ASCII);
        String begin = "-----BEGIN PRIVATE KEY-----";
        int from = pem.indexOf(begin);
        int to = pem.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < 0) {
            throw new IOException(key + " holds no PKCS #8 private key (BEGIN PRIVATE KEY)");
        }
        return Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
    }
}
