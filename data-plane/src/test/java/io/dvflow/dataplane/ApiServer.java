package io.dvflow.dataplane;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Answers small questions, such as those to a token service, and remembers them. */
final class ApiServer implements AutoCloseable {

    private final List<Question> asked = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    private ApiServer(HttpServer server) {
        this.server = server;
    }

    /** @param headers of the request, names in any case */
    record Question(String method, String target, com.sun.net.httpserver.Headers headers, String body) {}

    record Answer(int status, String body) {}

    static ApiServer start(Function<Question, Answer> answers) {
        try {
            ApiServer server =
                    new ApiServer(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            server.server.createContext("/", exchange -> server.handle(exchange, answers));
            server.server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot listen", e);
        }
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    List<Question> asked() {
        return asked;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange, Function<Question, Answer> answers) throws IOException {
        try (exchange) {
            Question question = new Question(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            asked.add(question);
            Answer answer = answers.apply(question);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
