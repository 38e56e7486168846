package io.dvflow.gateway.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key pair of a server, read anew when its files have changed, so that a renewed certificate needs no restart. The
 * files are looked at once a handshake. A pair that cannot be read leaves the one before in use, as it may be half
 * written.
 */
public final class ReloadingKeyManager extends X509ExtendedKeyManager {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadingKeyManager.class);

    private final Path certificateFile;
    private final Path keyFile;
    private Loaded current;
    private Loaded previous;

    /** @param alias names the pair through one handshake, so that a reload in its middle does not mix two pairs */
    private record Loaded(String alias, PemKeyPair pair, Stamp stamp) {}

    private record Stamp(FileTime certificate, FileTime key) {}

    private ReloadingKeyManager(Path directory) throws IOException, GeneralSecurityException {
        this.certificateFile = directory.resolve("tls.crt");
        this.keyFile = directory.resolve("tls.key");
        this.current = new Loaded("0", PemKeyPair.read(certificateFile, keyFile), stamp());
        this.previous = current;
    }

    /**
     * Reads {@code tls.crt} and {@code tls.key}.
     *
     * @throws IllegalStateException when they are missing or are no key pair
     */
    public static ReloadingKeyManager watching(Path directory) {
        try {
            return new ReloadingKeyManager(directory);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Reading tls.crt and tls.key from " + directory, e);
        }
    }

    private Stamp stamp() throws IOException {
        return new Stamp(Files.getLastModifiedTime(certificateFile), Files.getLastModifiedTime(keyFile));
    }

    private synchronized String currentAlias() {
        try {
            Stamp stamp = stamp();
            if (!stamp.equals(current.stamp())) {
                reload(stamp);
            }
        } catch (IOException | GeneralSecurityException e) {
            LOG.warn("Keeping the TLS certificate in use: {}", e.toString());
        }
        return current.alias();
    }

    private void reload(Stamp stamp) throws IOException, GeneralSecurityException {
        PemKeyPair pair = PemKeyPair.read(certificateFile, keyFile);
        previous = current;
        current = new Loaded(String.valueOf(Long.parseLong(current.alias()) + 1), pair, stamp);
        LOG.info(
                "Read a new TLS certificate, valid until {}",
                pair.chain().getFirst().getNotAfter().toInstant());
    }

    private synchronized PemKeyPair pair(String alias) {
        return previous.alias().equals(alias) ? previous.pair() : current.pair();
    }

    private boolean serves(String keyType) {
        String algorithm = pair("").key().getAlgorithm();
        return keyType.equals(algorithm) || (algorithm.equals("RSA") && keyType.equals("RSASSA-PSS"));
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        String alias = currentAlias();
        return serves(keyType) ? alias : null;
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return chooseEngineServerAlias(keyType, issuers, null);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return serves(keyType) ? new String[] {currentAlias()} : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return pair(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return pair(alias).key();
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return null;
    }

    @Override
    public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
        return null;
    }
}
