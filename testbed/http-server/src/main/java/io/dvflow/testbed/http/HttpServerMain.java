package io.dvflow.testbed.http;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The server as a process: serves a directory until it is killed. */
public final class HttpServerMain {

    private static final String USAGE = """
            usage: http-server --root DIR [--port N] [--bind ADDRESS] [--tls-cert PEM --tls-key PEM]
                               [--user NAME --password WORD] [--rate BYTES-PER-SECOND-AND-CONNECTION]
            """;
    private static final Set<String> KNOWN =
            Set.of("--root", "--port", "--bind", "--tls-cert", "--tls-key", "--user", "--password", "--rate");

    private HttpServerMain() {}

    public static void main(String[] args) throws IOException, GeneralSecurityException, InterruptedException {
        Map<String, String> given = parse(args);
        if (!given.containsKey("--root")) {
            System.err.print(USAGE);
            System.exit(2);
        }
        try (FaultServer server = FaultServer.start(options(given))) {
            System.out.println("Serving " + given.get("--root") + " at " + server.url("/"));
            Thread.currentThread().join();
        }
    }

    private static ServerOptions options(Map<String, String> given) throws IOException, GeneralSecurityException {
        ServerOptions options = ServerOptions.defaults()
                .root(Path.of(given.get("--root")))
                .bind(given.getOrDefault("--bind", "127.0.0.1"), Integer.parseInt(given.getOrDefault("--port", "0")))
                .connectionBytesPerSecond(Long.parseLong(given.getOrDefault("--rate", "0")));
        if (given.containsKey("--tls-cert")) {
            options = options.tls(PemIdentity.load(Path.of(given.get("--tls-cert")), Path.of(given.get("--tls-key"))));
        }
        if (given.containsKey("--user")) {
            options = options.login(given.get("--user"), given.getOrDefault("--password", ""));
        }
        return options;
    }

    private static Map<String, String> parse(String[] args) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            if (!KNOWN.contains(args[i]) || i + 1 == args.length) {
                System.err.print(USAGE);
                System.exit(2);
            }
            given.put(args[i], args[i + 1]);
        }
        return given;
    }
}
