package io.dvflow.dataplane.metrics;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A server's identity that nobody vouches for, as CDI's transfer pods have one: made at the start, kept in memory, gone with
 * the process.
 */
public final class SelfSigned {

    private static final Duration VALID = Duration.ofDays(365);
    /** The clock of whoever scrapes may be behind. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private static final char[] NO_SECRET = {};

    private SelfSigned() {}

    public static SSLContext context(String commonName) throws GeneralSecurityException, IOException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(commonName, keys.getPrivate(), NO_SECRET, new Certificate[] {certificate(commonName, keys)});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_SECRET);
        SSLContext context = SSLContext.getInstance("TLS");
        // Nobody to trust: the default would read all authorities of the system.
        context.init(managers.getKeyManagers(), new TrustManager[0], null);
        return context;
    }

    /** X.509, version 1, signed by its own key. */
    private static Certificate certificate(String commonName, KeyPair keys) throws GeneralSecurityException {
        byte[] algorithm = Der.sequence(Der.identifier(1, 2, 840, 10045, 4, 3, 2));
        byte[] name = Der.sequence(Der.set(Der.sequence(Der.identifier(2, 5, 4, 3), Der.utf8(commonName))));
        byte[] serial = new byte[16];
        new SecureRandom().nextBytes(serial);
        serial[0] = (byte) (serial[0] & 0x7f | 0x40);
        Instant now = Instant.now();
        byte[] toSign = Der.sequence(
                Der.integer(serial),
                algorithm,
                name,
                Der.sequence(Der.time(now.minus(BACKDATED)), Der.time(now.plus(VALID))),
                name,
                keys.getPublic().getEncoded());
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(toSign);
        byte[] signed = Der.sequence(toSign, algorithm, Der.bits(signature.sign()));
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(signed));
    }
}
