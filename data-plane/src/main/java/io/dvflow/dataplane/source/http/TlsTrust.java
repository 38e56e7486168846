package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom to believe.
 *
 * @param verify false only where the user asked for it; then neither chain nor host name is looked at
 */
record TlsTrust(SSLSocketFactory socketFactory, boolean verify) {

    /** @param certificates directories of PEM files that are trusted beside the system's authorities */
    static TlsTrust of(List<Path> certificates, boolean verify) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            X509ExtendedTrustManager trust = verify ? verifying(certificates) : new TrustEveryone();
            context.init(null, new TrustManager[] {trust}, null);
            return new TlsTrust(context.getSocketFactory(), verify);
        } catch (GeneralSecurityException | IOException e) {
            throw new TransferFailure(
                    FailureReason.CERTIFICATE,
                    "Cannot read the certificates in " + (certificates.isEmpty() ? "the system store" : certificates)
                            + ": " + e.getMessage(),
                    e);
        }
    }

    private static X509ExtendedTrustManager verifying(List<Path> directories)
            throws GeneralSecurityException, IOException {
        X509ExtendedTrustManager system = trustManager(null);
        if (directories.isEmpty()) {
            return new NamesTheChain(system);
        }
        KeyStore both = KeyStore.getInstance("PKCS12");
        both.load(null, null);
        int count = 0;
        for (X509Certificate authority : system.getAcceptedIssuers()) {
            both.setCertificateEntry("system-" + count++, authority);
        }
        for (Path directory : directories) {
            for (Certificate authority : read(directory)) {
                both.setCertificateEntry("own-" + count++, authority);
            }
        }
        return new NamesTheChain(trustManager(both));
    }

    private static X509ExtendedTrustManager trustManager(KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("the JVM has no X.509 trust manager"));
    }

    private static List<Certificate> read(Path directory) throws IOException, CertificateException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        try (Stream<Path> files = Files.list(directory)) {
            // Mounted config maps keep their real files in a directory "..data".
            List<Path> named = files.filter(
                            file -> !file.getFileName().toString().startsWith("."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
            List<Certificate> all = new ArrayList<>();
            for (Path file : named) {
                all.addAll(factory.generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file))));
            }
            if (all.isEmpty()) {
                throw new CertificateException("no PEM certificate found in " + named.size() + " files");
            }
            return all;
        }
    }

    /** Adds the chain that the server showed to the complaint about it. */
    private static final class NamesTheChain extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager judge;

        NamesTheChain(X509ExtendedTrustManager judge) {
            this.judge = judge;
        }

        private interface Verdict {
            void give() throws CertificateException;
        }

        private static void judge(X509Certificate[] chain, Verdict verdict) throws CertificateException {
            try {
                verdict.give();
            } catch (CertificateException e) {
                String shown = Arrays.stream(chain)
                        .map(c -> c.getSubjectX500Principal() + " (issued by " + c.getIssuerX500Principal()
                                + ", valid until " + c.getNotAfter().toInstant() + ")")
                        .collect(Collectors.joining("; "));
                throw new CertificateException(inWords(e) + "; the server showed: " + shown, e);
            }
        }

        /** With what lies at the bottom of it: only there it stands since when a certificate has been out of date, say. */
        private static String inWords(CertificateException e) {
            Throwable deepest = e;
            while (deepest.getCause() != null) {
                deepest = deepest.getCause();
            }
            String detail = String.valueOf(deepest.getMessage());
            return e.getMessage().contains(detail) ? e.getMessage() : e.getMessage() + " (" + detail + ")";
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            judge(chain, () -> judge.checkServerTrusted(chain, type, socket));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            judge(chain, () -> judge.checkServerTrusted(chain, type, engine));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            judge(chain, () -> judge.checkServerTrusted(chain, type));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            judge.checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            judge.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            judge.checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return judge.getAcceptedIssuers();
        }
    }

    /** For {@code insecureSkipVerify}. Extended, because the JVM wraps a plain one in checks of its own. */
    private static final class TrustEveryone extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
