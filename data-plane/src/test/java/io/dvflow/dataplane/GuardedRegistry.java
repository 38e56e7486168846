package io.dvflow.dataplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dvflow.transfer.TransferJson;
import io.dvflow.transfer.TransferSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry that wants a token, the server that gives it for a login, and both their memories. Plain http. */
final class GuardedRegistry implements AutoCloseable {

    private static final String REPOSITORY = "private/disks";

    /** What somebody asked for, and what they showed for it. */
    record Seen(String path, String query, Optional<String> authorization, String body) {}

    final List<Seen> seen = new CopyOnWriteArrayList<>();
    final AtomicInteger tokens = new AtomicInteger();
    private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
    private final Set<String> valid = ConcurrentHashMap.newKeySet();
    private final HttpServer server;
    /** Whom the token server gives a token, as in the header, or the refresh token in the body. */
    volatile String login = "Basic " + base64("jane:s3cret");

    volatile String refreshToken = "none";
    /** How the registry asks; {@code %s} is its own address. */
    volatile String challenge = "Bearer realm=\"%s/token?kind=pull\",service=\"the registry\",scope=\"everything\"";

    volatile Optional<String> storage = Optional.empty();
    /** Answers that a token is good for before it is taken back. */
    volatile int answersPerToken = Integer.MAX_VALUE;

    /** What everybody is told who may pass, instead of what they ask for. */
    volatile Optional<Integer> refusal = Optional.empty();

    private int answers;

    GuardedRegistry() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", this::handle);
        server.start();
    }

    void push(ContainerImage image, String tag) {
        byte[] manifest = image.manifest();
        contents.put("/v2/" + REPOSITORY + "/manifests/" + tag, manifest);
        image.blobs.forEach((digest, content) -> contents.put("/v2/" + REPOSITORY + "/blobs/" + digest, content));
    }

    TransferSource.Registry source(String tag, Optional<Path> secret) {
        return new TransferSource.Registry(
                "docker://" + authority() + "/" + REPOSITORY + ":" + tag,
                secret.map(Path::toString),
                Optional.empty(),
                Optional.empty(),
                true,
                Optional.empty());
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    List<Seen> seenAt(String pathPart) {
        return seen.stream().filter(one -> one.path().contains(pathPart)).toList();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String query = String.valueOf(exchange.getRequestURI().getRawQuery());
            Optional<String> authorization =
                    Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            seen.add(new Seen(path, query, authorization, body));
            if (path.equals("/token")) {
                giveToken(exchange, authorization, body);
            } else if (mayPass(authorization)) {
                serve(exchange, path);
            } else {
                exchange.getResponseHeaders().add("WWW-Authenticate", challenge.formatted("http://" + authority()));
                answer(
                        exchange,
                        401,
                        "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"login\"}]}"
                                .getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private synchronized boolean mayPass(Optional<String> authorization) {
        if (challenge.startsWith("Basic")) {
            return authorization.equals(Optional.of(login));
        }
        boolean passes = authorization
                .map(header -> header.replace("Bearer ", ""))
                .filter(valid::contains)
                .isPresent();
        if (passes && ++answers % answersPerToken == 0) {
            valid.clear();
        }
        return passes;
    }

    private void giveToken(HttpExchange exchange, Optional<String> authorization, String body) throws IOException {
        boolean known = authorization.equals(Optional.of(login)) || body.contains("refresh_token=" + refreshToken);
        if (!known) {
            answer(exchange, 401, new byte[0]);
            return;
        }
        String token = "token-" + tokens.incrementAndGet();
        valid.add(token);
        String name = tokens.get() % 2 == 0 ? "token" : "access_token";
        answer(
                exchange,
                200,
                TransferJson.write(Map.of(name, token, "expires_in", 300)).getBytes(StandardCharsets.UTF_8));
    }

    private void serve(HttpExchange exchange, String path) throws IOException {
        if (refusal.isPresent()) {
            answer(
                    exchange,
                    refusal.get(),
                    "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not for you\"}]}"
                            .getBytes(StandardCharsets.UTF_8));
        } else if (path.equals("/v2/")) {
            answer(exchange, 200, "{}".getBytes(StandardCharsets.UTF_8));
        } else if (path.contains("/blobs/") && storage.isPresent()) {
            exchange.getResponseHeaders()
                    .add("Location", storage.get() + path.substring(path.lastIndexOf('/')) + "?signature=x");
            answer(exchange, 307, new byte[0]);
        } else if (contents.containsKey(path)) {
            answer(exchange, 200, contents.get(path));
        } else {
            answer(
                    exchange,
                    404,
                    "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"not here\"}]}"
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
