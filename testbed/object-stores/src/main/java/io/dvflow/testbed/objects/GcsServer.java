package io.dvflow.testbed.objects;

import io.dvflow.testbed.processes.FreePort;
import io.dvflow.testbed.processes.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** fake-gcs-server over a directory: speaks both of Google's protocols and lets everybody in. */
public final class GcsServer implements AutoCloseable {

    private final InetSocketAddress address;
    private final ServerProcess process;
    private final HttpClient client = HttpClient.newHttpClient();

    private GcsServer(InetSocketAddress address, ServerProcess process) {
        this.address = address;
        this.process = process;
    }

    /**
     * @param directory for objects and logs
     */
    public static GcsServer startOn(String host, Path directory) {
        try {
            Path root = Files.createDirectories(directory.resolve("objects"));
            InetSocketAddress address = new InetSocketAddress(host, FreePort.next());
            List<String> arguments = List.of(
                    "-scheme",
                    "http",
                    "-host",
                    host,
                    "-port",
                    Integer.toString(address.getPort()),
                    // Without its port, so that it also answers through a relay.
                    "-public-host",
                    host,
                    "-filesystem-root",
                    root.toString());
            return new GcsServer(address, StoreProcess.start("fake-gcs-server", directory, address, arguments));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make room for a GCS server in " + directory, e);
        }
    }

    /** {@code http://host:port}. */
    public String endpoint() {
        return "http://" + address.getHostString() + ":" + address.getPort();
    }

    public int port() {
        return address.getPort();
    }

    public void createBucket(String bucket) {
        post(
                "/storage/v1/b?project=testbed",
                "application/json",
                BodyPublishers.ofString("{\"name\":\"" + bucket + "\"}"));
    }

    /** Puts an object, or another one in its place. */
    public void put(String bucket, String key, Path file) {
        try {
            post(
                    "/upload/storage/v1/b/" + bucket + "/o?uploadType=media&name="
                            + URLEncoder.encode(key, StandardCharsets.UTF_8),
                    "application/octet-stream",
                    BodyPublishers.ofFile(file));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot put " + file + " into bucket " + bucket, e);
        }
    }

    @Override
    public void close() {
        client.close();
        process.close();
    }

    private void post(String target, String contentType, HttpRequest.BodyPublisher body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint() + target))
                .header("Content-Type", contentType)
                .POST(body)
                .build();
        try {
            var response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(
                        "POST " + target + " was answered with " + response.statusCode() + ": " + response.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("POST " + target, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted during POST " + target, e);
        }
    }
}
