package io.dvflow.dataplane.source.http;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * An absolute http or https URL.
 *
 * @param scheme {@code http} or {@code https}
 * @param host without the brackets of an IPv6 address
 * @param path raw, at least {@code /}
 * @param query raw; may hold a signature, so never shown
 * @param userInfo raw {@code user:password}; never shown
 * @param secretPath whether the path is a ticket that opens the door to whoever has it; then it is not shown either
 */
public record HttpUrl(
        String scheme,
        String host,
        int port,
        String path,
        Optional<String> query,
        Optional<String> userInfo,
        boolean secretPath) {

    private static final String SOURCE = "source URL";

    public HttpUrl(
            String scheme, String host, int port, String path, Optional<String> query, Optional<String> userInfo) {
        this(scheme, host, port, path, query, userInfo, false);
    }

    public static HttpUrl parse(String text) {
        return parse(SOURCE, text);
    }

    /** @param what is wrong if it is none, as in {@code source URL} */
    static HttpUrl parse(String what, String text) {
        return of(what, uri(what, text), "an absolute http or https URL");
    }

    /** The same place, asked for by somebody. */
    HttpUrl withUserInfo(String other) {
        return new HttpUrl(scheme, host, port, path, query, Optional.of(other), secretPath);
    }

    /** The same URL, whose path is shown to nobody. */
    public HttpUrl withSecretPath() {
        return new HttpUrl(scheme, host, port, path, query, userInfo, true);
    }

    /** What stands below this URL; the query is left behind. */
    public HttpUrl child(String name) {
        String below = (path.endsWith("/") ? path : path + "/") + name;
        return new HttpUrl(scheme, host, port, below, Optional.empty(), userInfo, secretPath);
    }

    /** What a {@code Location} header means to a client that asked for this URL. */
    public HttpUrl resolve(String location) {
        return of(SOURCE, uri(SOURCE, plain()).resolve(uri(SOURCE, location)), "a redirect to an http or https URL");
    }

    /** The same place with more in its query. */
    public HttpUrl withQuery(String more) {
        return new HttpUrl(
                scheme,
                host,
                port,
                path,
                Optional.of(query.map(q -> q + "&" + more).orElse(more)),
                userInfo);
    }

    public boolean isTls() {
        return scheme.equals("https");
    }

    public boolean sameServer(HttpUrl other) {
        return scheme.equals(other.scheme) && host.equalsIgnoreCase(other.host) && port == other.port;
    }

    /** As the request line wants it. */
    public String target() {
        return path + query.map(q -> "?" + q).orElse("");
    }

    /** Host and, where it is not the usual one, port. */
    public String authority() {
        String name = host.contains(":") ? "[" + host + "]" : host;
        return port == defaultPort(scheme) ? name : name + ":" + port;
    }

    /** Fit for logs and messages: no user, no query. */
    public String shown() {
        return scheme + "://" + authority() + (secretPath ? "/..." : path);
    }

    @Override
    public String toString() {
        return shown();
    }

    private String plain() {
        return scheme + "://" + authority() + path + query.map(q -> "?" + q).orElse("");
    }

    private static HttpUrl of(String what, URI uri, String wanted) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https") || uri.getHost() == null) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN,
                    "Invalid " + what + ": expected " + wanted + ", found scheme '" + scheme + "' and host '"
                            + uri.getHost() + "'");
        }
        String host = uri.getHost();
        return new HttpUrl(
                scheme,
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                uri.getPort() < 0 ? defaultPort(scheme) : uri.getPort(),
                uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath(),
                Optional.ofNullable(uri.getRawQuery()),
                Optional.ofNullable(uri.getRawUserInfo()));
    }

    private static URI uri(String what, String text) {
        try {
            return new URI(escaped(text.strip()));
        } catch (URISyntaxException e) {
            // The exception's text repeats the URL, credentials and all.
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Invalid " + what + ": " + e.getReason() + " at position " + e.getIndex());
        }
    }

    /** Characters that people put into URLs and that {@link URI} refuses. */
    private static String escaped(String text) {
        StringBuilder result = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c <= ' ' || c >= 0x7f || "\"<>\\^`{|}".indexOf(c) >= 0) {
                result.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            } else {
                result.append(c);
            }
        }
        return result.toString();
    }

    private static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }
}
