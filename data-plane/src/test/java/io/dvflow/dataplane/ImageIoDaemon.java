package io.dvflow.dataplane;

import static org.assertj.core.api.Assumptions.assumeThat;

import io.dvflow.transfer.TransferJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;

/** The real ovirt-imageio, as it runs on oVirt's hosts; `DVFLOW_IMAGEIO` names its program. */
final class ImageIoDaemon implements AutoCloseable {

    private static final String VARIABLE = "DVFLOW_IMAGEIO";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final int port;
    private final int controlPort;

    private ImageIoDaemon(Process process, int port, int controlPort) {
        this.process = process;
        this.port = port;
        this.controlPort = controlPort;
    }

    static ImageIoDaemon start(Path directory) throws IOException {
        String program = System.getenv(VARIABLE);
        if (program == null && "1".equals(System.getenv("DVFLOW_REQUIRE_REAL"))) {
            throw new IllegalStateException("DVFLOW_REQUIRE_REAL=1, but " + VARIABLE
                    + " names no ovirt-imageio; run with " + VARIABLE + "=$(hack/ovirt-imageio)");
        }
        assumeThat(program).as(VARIABLE + "=$(hack/ovirt-imageio)").isNotNull();
        int port = freePort();
        int controlPort = freePort();
        Path conf = Files.createDirectories(directory.resolve("conf/conf.d")).getParent();
        Files.writeString(conf.resolve("conf.d/test.conf"), """
                [daemon]
                run_dir = %1$s
                drop_privileges = false
                systemd_enable = false
                [tls]
                enable = false
                [remote]
                host = 127.0.0.1
                port = %2$d
                [local]
                enable = false
                [control]
                transport = tcp
                port = %3$d
                [loggers]
                keys = root
                [handlers]
                keys = stderr
                [formatters]
                keys = long
                [logger_root]
                level = INFO
                handlers = stderr
                propagate = 0
                [handler_stderr]
                class = logging.StreamHandler
                level = INFO
                formatter = long
                [formatter_long]
                format = %%(asctime)s %%(message)s
                """.formatted(directory, port, controlPort));
        Process process = new ProcessBuilder(program, "-c", conf.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("imageio.log").toFile())
                .start();
        ImageIoDaemon daemon = new ImageIoDaemon(process, port, controlPort);
        Awaitility.await("ovirt-imageio to answer")
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> daemon.control("GET", "none", "").statusCode() == 404);
        return daemon;
    }

    /**
     * Lets whoever knows the answer read a disk.
     *
     * @param url of the disk for the daemon, {@code nbd:unix:/path} or {@code file:///path}
     * @return where it is served
     */
    String addTicket(String url, long size, int seconds) {
        String id = UUID.randomUUID().toString();
        Map<String, Object> ticket = new LinkedHashMap<>();
        ticket.put("uuid", id);
        ticket.put("size", size);
        ticket.put("url", url);
        ticket.put("timeout", seconds);
        ticket.put("inactivity_timeout", seconds);
        ticket.put("ops", List.of("read"));
        require(control("PUT", id, TransferJson.write(ticket)), 200);
        return "http://127.0.0.1:" + port + "/images/" + id;
    }

    void extendTicket(String imageUrl, int seconds) {
        require(control("PATCH", idOf(imageUrl), "{\"timeout\": " + seconds + "}"), 200);
    }

    void removeTicket(String imageUrl) {
        require(control("DELETE", idOf(imageUrl), ""), 204);
    }

    boolean hasTicket(String imageUrl) {
        return control("GET", idOf(imageUrl), "").statusCode() == 200;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String idOf(String imageUrl) {
        return imageUrl.substring(imageUrl.lastIndexOf('/') + 1);
    }

    private HttpResponse<String> control(String method, String ticket, String body) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + controlPort + "/tickets/" + ticket))
                .method(method, BodyPublishers.ofString(body))
                .build();
        try {
            return http.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot reach ovirt-imageio", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private static void require(HttpResponse<String> answer, int status) {
        if (answer.statusCode() != status) {
            throw new IllegalStateException("ovirt-imageio answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
