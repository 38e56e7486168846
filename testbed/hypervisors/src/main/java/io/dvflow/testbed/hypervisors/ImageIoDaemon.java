package io.dvflow.testbed.hypervisors;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dvflow.testbed.processes.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;

/** The real ovirt-imageio, as it runs on oVirt's hosts; `DVFLOW_IMAGEIO` names its program. */
public final class ImageIoDaemon implements AutoCloseable {

    private static final String VARIABLE = "DVFLOW_IMAGEIO";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** PEM files of a certificate and its key. */
    public record Identity(Path certificate, Path key) {}

    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final String origin;
    private final int controlPort;

    private ImageIoDaemon(Process process, String origin, int controlPort) {
        this.process = process;
        this.origin = origin;
        this.controlPort = controlPort;
    }

    /** Reached from this machine alone, without TLS. */
    public static ImageIoDaemon start(Path directory) throws IOException {
        return start(directory, "127.0.0.1", Optional.empty());
    }

    /** @param address of this machine that it is reached by */
    public static ImageIoDaemon startWithTls(Path directory, String address, Identity identity) throws IOException {
        return start(directory, address, Optional.of(identity));
    }

    private static ImageIoDaemon start(Path directory, String address, Optional<Identity> identity) throws IOException {
        String program = System.getenv(VARIABLE);
        if (program == null && "1".equals(System.getenv("DVFLOW_REQUIRE_REAL"))) {
            throw new IllegalStateException("DVFLOW_REQUIRE_REAL=1, but " + VARIABLE
                    + " names no ovirt-imageio; run with " + VARIABLE + "=$(hack/ovirt-imageio)");
        }
        Assumptions.assumeTrue(program != null, "run with " + VARIABLE + "=$(hack/ovirt-imageio)");
        int port = FreePort.next();
        int controlPort = FreePort.next();
        Path conf = Files.createDirectories(directory.resolve("conf/conf.d")).getParent();
        Files.writeString(
                conf.resolve("conf.d/test.conf"), """
                [daemon]
                run_dir = %1$s
                drop_privileges = false
                systemd_enable = false
                [tls]
                %4$s
                [remote]
                host = %5$s
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
                """.formatted(directory, port, controlPort, tls(identity), address));
        Process process = new ProcessBuilder(program, "-c", conf.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("imageio.log").toFile())
                .start();
        ImageIoDaemon daemon = new ImageIoDaemon(
                process, (identity.isPresent() ? "https" : "http") + "://" + address + ":" + port, controlPort);
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
    public String addTicket(String url, long size, int seconds) {
        String id = UUID.randomUUID().toString();
        ObjectNode ticket = JSON.createObjectNode()
                .put("uuid", id)
                .put("size", size)
                .put("url", url)
                .put("timeout", seconds)
                .put("inactivity_timeout", seconds);
        ticket.putArray("ops").add("read");
        require(control("PUT", id, ticket.toString()), 200);
        return origin + "/images/" + id;
    }

    public void extendTicket(String imageUrl, int seconds) {
        require(control("PATCH", idOf(imageUrl), "{\"timeout\": " + seconds + "}"), 200);
    }

    public void removeTicket(String imageUrl) {
        require(control("DELETE", idOf(imageUrl), ""), 204);
    }

    /** Where disks are served. */
    public int port() {
        return URI.create(origin).getPort();
    }

    public boolean hasTicket(String imageUrl) {
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

    private static String tls(Optional<Identity> identity) {
        return identity.map(pem -> """
                        enable = true
                        cert_file = %1$s
                        ca_file = %1$s
                        key_file = %2$s""".formatted(pem.certificate(), pem.key())).orElse("enable = false");
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
}
