package io.dvflow.activities.transfer;

import io.dvflow.activities.Trouble;
import io.dvflow.api.v1beta1.ImportProxy;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The proxies that transfer pods ask their sources through. Logins are kept apart from addresses: addresses stand in the pod's
 * environment, where people look for them.
 *
 * @param http for plain http
 * @param https for https
 * @param exceptions what is asked directly, as in {@code no_proxy}
 * @param authorities PEM files, by name, that are trusted beside the system's authorities
 * @param objectName of the Secret and of the ConfigMap that a pod gets, unlike those of any pod before
 */
public record ImportProxies(
        Optional<Address> http,
        Optional<Address> https,
        Optional<String> exceptions,
        Optional<Map<String, String>> authorities,
        String objectName) {

    /**
     * Where a proxy is.
     *
     * @param url without the login
     * @param login {@code user:password}, as escaped as it was in the URL
     */
    public record Address(String url, Optional<String> login) {

        /** As tolerant as Go: without a scheme, and with any sign in the password. */
        static Address parse(String text) {
            String url = text.strip();
            int host = url.contains("://") ? url.indexOf("://") + "://".length() : 0;
            int end = endOfAuthority(url, host);
            int at = url.lastIndexOf('@', end - 1);
            return at < host
                    ? new Address(url, Optional.empty())
                    : new Address(url.substring(0, host) + url.substring(at + 1), Optional.of(url.substring(host, at)));
        }

        private static int endOfAuthority(String url, int host) {
            int slash = url.indexOf('/', host);
            return slash < 0 ? url.length() : slash;
        }

        @Override
        public String toString() {
            return url;
        }
    }

    /**
     * @param configMap reads the one of that name in the namespace of the installation; empty if it is not there
     * @return empty if there is nothing to know
     * @throws Trouble {@code NeedsChange} if the ConfigMap that is named is not there
     */
    public static Optional<ImportProxies> of(
            ImportProxy set, Function<String, Optional<Map<String, String>>> configMap, String objectName) {
        Optional<String> authorities = present(set.trustedCAProxy());
        var proxies = new ImportProxies(
                present(set.HTTPProxy()).map(Address::parse),
                present(set.HTTPSProxy()).map(Address::parse),
                present(set.noProxy()),
                authorities.map(name -> configMap.apply(name).orElseThrow(() -> missing(name))),
                objectName);
        boolean any = proxies.http.isPresent() || proxies.https.isPresent() || proxies.authorities.isPresent();
        return any ? Optional.of(proxies) : Optional.empty();
    }

    boolean haveLogin() {
        return http.flatMap(Address::login).isPresent()
                || https.flatMap(Address::login).isPresent();
    }

    private static Trouble missing(String configMap) {
        return Trouble.needsChange(
                "ProxyAuthoritiesMissing",
                "ConfigMap " + configMap
                        + ", which importProxy.trustedCAProxy of the CDIConfig names, does not exist in "
                        + "the namespace that dvflow is installed in; create it there, or take the name out");
    }

    private static Optional<String> present(String value) {
        return Optional.ofNullable(value).map(String::strip).filter(text -> !text.isEmpty());
    }
}
