package io.dvflow.dataplane.source.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Proxies as the environment names them: {@code http_proxy}, {@code https_proxy}, {@code no_proxy}, in lower or upper
 * case. As elsewhere, the machine itself is never asked through a proxy.
 */
final class ProxySettings {

    private final Optional<HttpUrl> forHttp;
    private final Optional<HttpUrl> forHttps;
    private final List<String> exceptions;

    private ProxySettings(Optional<HttpUrl> forHttp, Optional<HttpUrl> forHttps, List<String> exceptions) {
        this.forHttp = forHttp;
        this.forHttps = forHttps;
        this.exceptions = exceptions;
    }

    static ProxySettings of(Map<String, String> environment) {
        return new ProxySettings(
                proxy(environment, "http_proxy"),
                proxy(environment, "https_proxy"),
                value(environment, "no_proxy")
                        .map(list -> Arrays.stream(list.toLowerCase(Locale.ROOT).split("[, ]+"))
                                .filter(entry -> !entry.isEmpty())
                                .toList())
                        .orElse(List.of()));
    }

    Optional<HttpUrl> proxyFor(HttpUrl url) {
        Optional<HttpUrl> proxy = url.isTls() ? forHttps : forHttp;
        return proxy.filter(p -> !isLocal(url.host()) && exceptions.stream().noneMatch(entry -> excepts(entry, url)));
    }

    private static boolean isLocal(String host) {
        return host.equalsIgnoreCase("localhost") || host.equals("::1") || host.matches("127\\.\\d+\\.\\d+\\.\\d+");
    }

    private static boolean excepts(String entry, HttpUrl url) {
        String host = url.host().toLowerCase(Locale.ROOT);
        if (entry.equals("*") || entry.equals(host) || entry.equals(host + ":" + url.port())) {
            return true;
        }
        if (entry.contains("/")) {
            return inNetwork(entry, host);
        }
        String suffix = entry.startsWith("*.") ? entry.substring(1) : entry.startsWith(".") ? entry : "." + entry;
        return host.endsWith(suffix);
    }

    private static boolean inNetwork(String network, String host) {
        if (!host.matches("[0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*")) {
            return false;
        }
        String[] parts = network.split("/", 2);
        try {
            byte[] base = InetAddress.getByName(parts[0]).getAddress();
            byte[] address = InetAddress.getByName(host).getAddress();
            int bits = Integer.parseInt(parts[1]);
            return base.length == address.length && bits <= base.length * 8 && samePrefix(base, address, bits);
        } catch (UnknownHostException | NumberFormatException e) {
            // Not an address after all: as elsewhere, an entry that makes no sense excepts nothing.
            return false;
        }
    }

    private static boolean samePrefix(byte[] one, byte[] other, int bits) {
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((one[bit / 8] & mask) != (other[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    private static Optional<HttpUrl> proxy(Map<String, String> environment, String name) {
        return value(environment, name)
                .map(url -> url.contains("://") ? url : "http://" + url)
                .map(HttpUrl::parse);
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        String lower = environment.get(name);
        String found = lower == null ? environment.get(name.toUpperCase(Locale.ROOT)) : lower;
        return Optional.ofNullable(found).map(String::strip).filter(v -> !v.isEmpty());
    }
}
