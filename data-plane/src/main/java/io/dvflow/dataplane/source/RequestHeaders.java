package io.dvflow.dataplane.source;

import io.dvflow.dataplane.report.TransferFailure;
import io.dvflow.transfer.FailureReason;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a request carries beside its range. Credentials and the user's own headers (which may be tokens) are for the
 * server the user named, not for one it redirects to.
 */
final class RequestHeaders {

    /** The engine depends on these saying what it means. */
    private static final Set<String> OURS =
            Set.of("host", "range", "if-range", "connection", "accept-encoding", "content-length", "transfer-encoding");

    private final HttpUrl named;
    private final List<String> ownLines;

    private RequestHeaders(HttpUrl named, List<String> ownLines) {
        this.named = named;
        this.ownLines = ownLines;
    }

    static RequestHeaders of(HttpUrl url, TransferSource.Http source) {
        List<String> lines = new ArrayList<>();
        source.extraHeaders().forEach(line -> lines.add(checked(line, "an extra header")));
        source.secretHeaderDirectories().forEach(directory -> lines.addAll(secretLines(Path.of(directory))));
        boolean authorized = lines.stream().anyMatch(line -> nameOf(line).equals("authorization"));
        if (!authorized) {
            login(url, source).ifPresent(login -> lines.add("Authorization: Basic " + base64(login)));
        }
        lines.removeIf(line -> OURS.contains(nameOf(line)));
        return new RequestHeaders(url, lines);
    }

    /** @param throughProxy the whole URL stands in the request line then, and the proxy may want a login */
    String request(HttpUrl url, Optional<String> range, Optional<String> ifRange, Optional<HttpUrl> throughProxy) {
        StringBuilder head = new StringBuilder("GET ");
        throughProxy.ifPresent(proxy -> head.append("http://").append(url.authority()));
        head.append(url.target()).append(" HTTP/1.1\r\n");
        head.append("Host: ").append(url.authority()).append("\r\n");
        head.append("User-Agent: dvflow-importer\r\nAccept: */*\r\nAccept-Encoding: identity\r\n");
        throughProxy.ifPresent(proxy -> head.append(proxyLogin(proxy)));
        if (url.sameServer(named)) {
            ownLines.forEach(line -> head.append(line).append("\r\n"));
        }
        range.ifPresent(value -> head.append("Range: ").append(value).append("\r\n"));
        ifRange.ifPresent(value -> head.append("If-Range: ").append(value).append("\r\n"));
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
                .map(info -> "Proxy-Authorization: Basic " + base64(decoded(info)) + "\r\n")
                .orElse("");
    }

    private static Optional<String> login(HttpUrl url, TransferSource.Http source) {
        if (source.credentialsDirectory().isEmpty()) {
            return url.userInfo().map(RequestHeaders::decoded);
        }
        Path directory = Path.of(source.credentialsDirectory().get());
        return Optional.of(secret(directory.resolve("accessKeyId")) + ":" + secret(directory.resolve("secretKey")));
    }

    private static List<String> secretLines(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .map(file -> checked(secret(file), "the secret header in " + file))
                    .toList();
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Cannot read the secret extra headers in " + directory + ": " + e, e);
        }
    }

    private static String secret(Path file) {
        try {
            // Secrets made with `echo` or an editor end in a line break that is not part of them.
            return Files.readString(file).replaceAll("[\\r\\n]+$", "");
        } catch (IOException e) {
            throw new TransferFailure(
                    FailureReason.UNAUTHORIZED,
                    "Cannot read " + file.getFileName() + " of the source's secret (" + e
                            + "): the secret named in secretRef needs the keys accessKeyId and secretKey",
                    e);
        }
    }

    private static String checked(String line, String what) {
        if (line.indexOf(':') <= 0 || line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0) {
            throw new TransferFailure(
                    FailureReason.BAD_PLAN, "Expected " + what + " to be one line 'Name: value'; it is not");
        }
        return line;
    }

    private static String nameOf(String line) {
        return line.substring(0, line.indexOf(':')).strip().toLowerCase(Locale.ROOT);
    }

    private static String decoded(String userInfo) {
        return URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
