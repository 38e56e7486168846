package io.dvflow.dataplane.source.http;

import java.util.List;
import java.util.Optional;

/** The text of a request, up to its body. */
record RequestHeaders(String method, HttpUrl url, List<String> lines) {

    private static final String COMMON = "User-Agent: dvflow-importer\r\nAccept-Encoding: identity\r\n";

    /** @param throughProxy the whole URL stands in the request line then, and the proxy may want a login */
    String text(Optional<HttpUrl> throughProxy) {
        StringBuilder head = new StringBuilder(method).append(' ');
        throughProxy.ifPresent(proxy -> head.append("http://").append(url.authority()));
        head.append(url.target()).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(url.authority()).append("\r\n");
        head.append(COMMON);
        if (lines.stream().noneMatch(line -> line.regionMatches(true, 0, "accept:", 0, "accept:".length()))) {
            head.append("Accept: */*\r\n");
        }
        throughProxy.ifPresent(proxy -> head.append(proxyLogin(proxy)));
        lines.forEach(line -> head.append(line).append("\r\n"));
        return head.append("\r\n").toString();
    }

    /** Asks a proxy for a way through to a TLS server. */
    static String connectRequest(HttpUrl url, HttpUrl proxy) {
        String host = url.host().contains(":") ? "[" + url.host() + "]" : url.host();
        String target = host + ":" + url.port();
        return "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n" + proxyLogin(proxy) + "\r\n";
    }

    private static String proxyLogin(HttpUrl proxy) {
        return proxy.userInfo()
                .map(info -> "Proxy-Authorization: Basic " + UserHeaders.base64(UserHeaders.decoded(info)) + "\r\n")
                .orElse("");
    }
}
