package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.dataplane.source.RateLimit;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** How servers are reached: proxies, patience, whom to trust, whom to tell. Safe for use by many threads. */
public final class HttpAccess {

    final HttpSettings settings;
    final StopSignal stop;
    final Reporter reporter;
    final RateLimit rate;
    private final ProxySettings proxies;
    private final Optional<Path> certificates;
    private final boolean verifyTls;
    private TlsTrust trust;
    private TlsTrust proxyTrust;

    /**
     * @param environment for the proxy settings, see {@code ProxySettings}
     * @param stop goes up when the transfer is to end
     * @param certificates directory of PEM files that are trusted beside the system's authorities
     * @param verifyTls false only where the user asked for it
     */
    public HttpAccess(
            Map<String, String> environment,
            HttpSettings settings,
            StopSignal stop,
            Reporter reporter,
            Optional<Path> certificates,
            boolean verifyTls) {
        this(settings, stop, reporter, RateLimit.none(), ProxySettings.of(environment), certificates, verifyTls);
    }

    private HttpAccess(
            HttpSettings settings,
            StopSignal stop,
            Reporter reporter,
            RateLimit rate,
            ProxySettings proxies,
            Optional<Path> certificates,
            boolean verifyTls) {
        this.rate = rate;
        this.settings = settings;
        this.stop = stop;
        this.reporter = reporter;
        this.proxies = proxies;
        this.certificates = certificates;
        this.verifyTls = verifyTls;
    }

    /** The same way to the same servers with another patience, ended by another signal. */
    public HttpAccess with(HttpSettings other, StopSignal otherStop) {
        return new HttpAccess(other, otherStop, reporter, rate, proxies, certificates, verifyTls);
    }

    /** The same way to the same servers, with another patience. */
    public HttpAccess with(HttpSettings other) {
        return with(other, stop);
    }

    /** The same way, to the one server with this certificate and to no other. */
    public HttpAccess trusting(String thumbprint) {
        HttpAccess access = with(settings, stop);
        access.trust = ThumbprintTrust.of(thumbprint);
        return access;
    }

    public HttpSettings settings() {
        return settings;
    }

    public StopSignal stop() {
        return stop;
    }

    public RateLimit rate() {
        return rate;
    }

    public Reporter reporter() {
        return reporter;
    }

    /** The same, but all connections together read no faster than this. */
    public HttpAccess limitedTo(RateLimit limit) {
        return new HttpAccess(settings, stop, reporter, limit, proxies, certificates, verifyTls);
    }

    /** The proxy that stands between us and a plain http server, and so wants to see whole URLs. */
    Optional<HttpUrl> forwardingProxy(HttpUrl url) {
        return url.isTls() ? Optional.empty() : proxies.proxyFor(url);
    }

    /**
     * A connection over which the server of this URL can be asked; closed at once when the transfer is to end.
     *
     * @param kind as CDI calls the kind of source in its messages
     */
    HttpConnection connect(HttpUrl url, String kind) throws IOException {
        Optional<HttpUrl> proxy = proxies.proxyFor(url);
        HttpConnection connection = proxy.isPresent() ? reach(proxy.get()) : tcp(url);
        stop.closeWhenRaised(connection);
        try {
            if (proxy.isPresent()) {
                speakToProxy(connection, proxy.get());
            }
            if (url.isTls()) {
                if (proxy.isPresent()) {
                    openTunnel(connection, url, proxy.get());
                }
                TlsTrust trusted = trust();
                connection.secure(trusted.socketFactory(), url.host(), url.port(), trusted.verify());
            } else if (proxy.isEmpty()) {
                connection.plain();
            }
            return connection;
        } catch (IOException e) {
            disconnect(connection);
            throw asCertificateTrouble(e, url, kind, proxy);
        }
    }

    private HttpConnection tcp(HttpUrl peer) throws IOException {
        return HttpConnection.connect(peer.host(), peer.port(), settings);
    }

    private HttpConnection reach(HttpUrl proxy) throws IOException {
        try {
            return tcp(proxy);
        } catch (IOException e) {
            throw new RetriableException(
                    FailureReason.CONNECTION_FAILED, "the proxy " + proxy + " cannot be reached: " + e.getMessage());
        }
    }

    private void speakToProxy(HttpConnection connection, HttpUrl proxy) throws IOException {
        if (!proxy.isTls()) {
            connection.plain();
            return;
        }
        try {
            connection.secure(proxyTrust().socketFactory(), proxy.host(), proxy.port(), true);
        } catch (IOException e) {
            Optional<String> complaint = certificateComplaint(e);
            if (complaint.isEmpty()) {
                throw e;
            }
            throw new TransferFailure(
                    FailureReason.PROXY,
                    "The certificate of the proxy " + proxy + " is not trusted: " + complaint.get()
                            + ". Put its authority's certificate into the ConfigMap that trustedCAProxy of the CDIConfig"
                            + " names",
                    e);
        }
    }

    void disconnect(HttpConnection connection) {
        stop.forget(connection);
        try {
            connection.close();
        } catch (IOException e) {
            // Given up either way.
        }
    }

    /** Made when needed: reading the system's authorities takes longer than a small transfer. */
    private synchronized TlsTrust trust() {
        if (trust == null) {
            trust = TlsTrust.of(
                    Stream.of(certificates, proxies.certificates())
                            .flatMap(Optional::stream)
                            .toList(),
                    verifyTls);
        }
        return trust;
    }

    /** Not what a source is trusted by: where a user skips verification, a proxy's login would be anybody's. */
    private synchronized TlsTrust proxyTrust() {
        if (proxyTrust == null) {
            proxyTrust = TlsTrust.of(proxies.certificates().stream().toList(), true);
        }
        return proxyTrust;
    }

    private static void openTunnel(HttpConnection connection, HttpUrl url, HttpUrl proxy) throws IOException {
        ResponseHead head = connection.exchange(RequestHeaders.connectRequest(url, proxy));
        if (head.status() == 407) {
            throw wantsLogin(proxy, "Unable to connect to " + url.authority());
        }
        if (head.status() >= 400 && head.status() < 500) {
            throw new TransferFailure(
                    FailureReason.PROXY,
                    "Unable to connect to " + url.authority() + ": the proxy " + proxy + " opens no way there: "
                            + head.status() + " " + head.reason() + ". Allow it in the proxy, or except the host by"
                            + " noProxy of the CDIConfig");
        }
        if (head.status() != 200) {
            throw new RetriableException(
                    FailureReason.CONNECTION_FAILED,
                    "the proxy " + proxy + " answered " + head.status() + " " + head.reason());
        }
    }

    /** @param doing as the beginning of a sentence */
    static TransferFailure wantsLogin(HttpUrl proxy, String doing) {
        return new TransferFailure(
                FailureReason.PROXY,
                doing + ": the proxy " + proxy + " answered 407 Proxy Authentication Required. Check the login in the"
                        + " address of the proxy (importProxy of the CDIConfig)");
    }

    private static IOException asCertificateTrouble(IOException e, HttpUrl url, String kind, Optional<HttpUrl> proxy) {
        String looksInside = proxy.map(
                        each -> ", or, if the proxy " + each + " looks into TLS, its authority's into the"
                                + " ConfigMap that trustedCAProxy of the CDIConfig names")
                .orElse("");
        Optional<String> complaint = certificateComplaint(e);
        if (complaint.isEmpty()) {
            return e;
        }
        throw new TransferFailure(
                FailureReason.CERTIFICATE,
                "Unable to connect to " + kind + " data source: the certificate of " + url.authority()
                        + " is not trusted: " + complaint.get()
                        + ". Put the authority's certificate into the certConfigMap of the source" + looksInside,
                e);
    }

    private static Optional<String> certificateComplaint(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return Optional.of(cause.getMessage());
            }
        }
        return Optional.empty();
    }
}
