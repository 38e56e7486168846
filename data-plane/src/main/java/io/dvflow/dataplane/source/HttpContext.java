package io.dvflow.dataplane.source;

import io.dvflow.dataplane.report.Reporter;
import io.dvflow.dataplane.stop.StopSignal;
import io.dvflow.transfer.TransferSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/** What all connections to one source share. */
final class HttpContext {

    final HttpUrl url;
    final RequestHeaders headers;
    final ProxySettings proxies;
    final HttpSettings settings;
    final StopSignal stop;
    final Reporter reporter;

    /** Body bytes received so far; also how one connection sees that another one is getting on. */
    final AtomicLong fetchedBytes = new AtomicLong();

    /** Where the last redirect led, so that it is followed once and not for each range. */
    final AtomicReference<HttpUrl> resolved = new AtomicReference<>();

    private final Supplier<TlsTrust> trustMaker;
    private TlsTrust trust;

    private HttpContext(
            HttpUrl url,
            RequestHeaders headers,
            Supplier<TlsTrust> trustMaker,
            ProxySettings proxies,
            HttpSettings settings,
            StopSignal stop,
            Reporter reporter) {
        this.url = url;
        this.headers = headers;
        this.trustMaker = trustMaker;
        this.proxies = proxies;
        this.settings = settings;
        this.stop = stop;
        this.reporter = reporter;
    }

    static HttpContext of(
            TransferSource.Http source,
            Map<String, String> environment,
            HttpSettings settings,
            StopSignal stop,
            Reporter reporter) {
        HttpUrl url = HttpUrl.parse(source.url());
        return new HttpContext(
                url,
                RequestHeaders.of(url, source),
                () -> TlsTrust.of(source.certificateDirectory().map(Path::of), source.verifyTls()),
                ProxySettings.of(environment),
                settings,
                stop,
                reporter);
    }

    /** Made when needed: reading the system's authorities takes longer than a small transfer. */
    synchronized TlsTrust trust() {
        if (trust == null) {
            trust = trustMaker.get();
        }
        return trust;
    }

    HttpUrl firstChoice() {
        return Optional.ofNullable(resolved.get()).orElse(url);
    }
}
