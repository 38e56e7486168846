package io.dvflow.gateway.webhook;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509ExtendedKeyManager;

/** The HTTPS server of the webhooks, one virtual thread a request. */
public final class WebhookServer implements AutoCloseable {
    private static final int SECONDS_TO_FINISH = 5;

    private final HttpsServer server;
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();

    private WebhookServer(HttpsServer server) {
        this.server = server;
    }

    /**
     * Starts serving the handlers by their paths, and {@code /healthz} and {@code /readyz}.
     *
     * @param port 0 for any free one; see {@link #port()}
     * @throws IOException when the port is taken
     */
    public static WebhookServer start(int port, X509ExtendedKeyManager keys, Map<String, HttpHandler> handlers)
            throws IOException {
        HttpsServer https = HttpsServer.create(new InetSocketAddress(port), 0);
        WebhookServer server = new WebhookServer(https);
        https.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
        https.setExecutor(server.requests);
        handlers.forEach(https::createContext);
        for (String path : new String[] {"/healthz", "/readyz"}) {
            https.createContext(path, exchange -> {
                try (exchange) {
                    Answers.text(exchange, 200, "ok\n");
                }
            });
        }
        https.start();
        return server;
    }

    private static SSLContext context(X509ExtendedKeyManager keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Setting up TLS for the webhooks", e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Finishes what was begun, for a few seconds at most. */
    @Override
    public void close() {
        server.stop(SECONDS_TO_FINISH);
        requests.close();
    }
}
