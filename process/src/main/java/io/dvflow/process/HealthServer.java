package io.dvflow.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * {@code /livez}, {@code /readyz} and {@code /metrics} of a process. Alive means that it answers; whether it is ready is
 * asked of the process. Reaching Temporal is part of being ready, never of being alive: restarting would not help.
 */
public final class HealthServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final PrometheusMeterRegistry registry;
    private final JvmGcMetrics gc = new JvmGcMetrics();

    private HealthServer(HttpServer server, PrometheusMeterRegistry registry) {
        this.server = server;
        this.registry = registry;
    }

    /** What a process says about being ready. */
    @FunctionalInterface
    public interface Readiness {
        /** Empty when ready, else the sentence that says what is missing. */
        String missing();
    }

    /** A registry for {@link #start}, with the JVM's own figures to be added by it. */
    public static PrometheusMeterRegistry newRegistry() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    /**
     * Starts serving.
     *
     * @param port 0 for any free one; see {@link #port()}
     * @throws IOException when the port is taken
     */
    public static HealthServer start(int port, PrometheusMeterRegistry registry, Readiness readiness)
            throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(port), 0);
        HealthServer server = new HealthServer(http, registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        server.gc.bindTo(registry);
        http.setExecutor(server.requests);
        http.createContext("/livez", exchange -> answer(exchange, 200, "ok\n"));
        http.createContext("/readyz", exchange -> {
            String missing = readiness.missing();
            answer(exchange, missing.isEmpty() ? 200 : 503, missing.isEmpty() ? "ok\n" : missing + "\n");
        });
        http.createContext("/metrics", exchange -> answer(exchange, 200, registry.scrape()));
        http.start();
        return server;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        requests.close();
        gc.close();
        registry.close();
    }
}
