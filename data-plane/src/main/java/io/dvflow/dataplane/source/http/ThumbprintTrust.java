package io.dvflow.dataplane.source.http;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Believes the one certificate whose thumbprint somebody has written down, whoever has signed it. */
final class ThumbprintTrust extends X509ExtendedTrustManager {

    private final String thumbprint;

    private ThumbprintTrust(String thumbprint) {
        this.thumbprint = thumbprint;
    }

    /** @param thumbprint SHA-1 or SHA-256 in hexadecimal, with or without colons */
    static TlsTrust of(String thumbprint) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new ThumbprintTrust(plain(thumbprint))}, null);
            // The thumbprint says more than the name in the certificate.
            return new TlsTrust(context.getSocketFactory(), false);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every JVM has TLS", e);
        }
    }

    private static String plain(String thumbprint) {
        return thumbprint.replace(":", "").strip().toLowerCase(Locale.ROOT);
    }

    private void check(X509Certificate[] chain) throws CertificateException {
        try {
            String algorithm = thumbprint.length() == 64 ? "SHA-256" : "SHA-1";
            byte[] digest = MessageDigest.getInstance(algorithm).digest(chain[0].getEncoded());
            String found = HexFormat.of().formatHex(digest);
            if (!found.equals(thumbprint)) {
                throw new CertificateException("its thumbprint is "
                        + HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest) + ", not the one of the source");
            }
        } catch (GeneralSecurityException e) {
            throw e instanceof CertificateException known ? known : new CertificateException(e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("There are no clients here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("There are no clients here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("There are no clients here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
