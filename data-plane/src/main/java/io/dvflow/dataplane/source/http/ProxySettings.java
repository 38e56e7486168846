package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Proxies as the environment names them: {@code http_proxy}, {@code https_proxy}, {@code no_proxy}, in lower or upper
 * case. Logins may stand in their addresses, or in the files {@code http} and {@code https} of the directory
 * {@code DVFLOW_PROXY_LOGINS}, which nobody sees who looks at the pod. What is in the directory
 * {@code DVFLOW_PROXY_CERTIFICATES} is trusted beside the system's authorities, for proxies that look into TLS.
 */
final class ProxySettings {

    private final Optional<HttpUrl> forHttp;
    private final Optional<HttpUrl> forHttps;
    private final NoProxy exceptions;
    private final Optional<Path> certificates;

    private ProxySettings(
            Optional<HttpUrl> forHttp, Optional<HttpUrl> forHttps, NoProxy exceptions, Optional<Path> certificates) {
        this.forHttp = forHttp;
        this.forHttps = forHttps;
        this.exceptions = exceptions;
        this.certificates = certificates;
    }

    static ProxySettings of(Map<String, String> environment) {
        return new ProxySettings(
                proxy(environment, "http"),
                proxy(environment, "https"),
                NoProxy.of(value(environment, "no_proxy").orElse("")),
                value(environment, "DVFLOW_PROXY_CERTIFICATES").map(Path::of));
    }

    Optional<HttpUrl> proxyFor(HttpUrl url) {
        return (url.isTls() ? forHttps : forHttp).filter(proxy -> !exceptions.excepts(url));
    }

    /** PEM files of authorities. */
    Optional<Path> certificates() {
        return certificates;
    }

    private static Optional<HttpUrl> proxy(Map<String, String> environment, String scheme) {
        String variable = scheme + "_proxy";
        return value(environment, variable)
                .map(address -> address.contains("://") ? address : "http://" + address)
                .map(address -> HttpUrl.parse("address of the proxy in " + variable, address))
                .map(proxy ->
                        login(environment, scheme).map(proxy::withUserInfo).orElse(proxy));
    }

    private static Optional<String> login(Map<String, String> environment, String scheme) {
        Optional<Path> file = value(environment, "DVFLOW_PROXY_LOGINS").map(directory -> Path.of(directory, scheme));
        if (file.filter(Files::exists).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(file.get()).strip());
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Cannot read the login of the proxy for " + scheme + ": " + e, e);
        }
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        String lower = environment.get(name);
        String found = lower == null ? environment.get(name.toUpperCase(Locale.ROOT)) : lower;
        return Optional.ofNullable(found).map(String::strip).filter(v -> !v.isEmpty());
    }
}
