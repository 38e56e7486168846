package io.dvflow.testbed.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.http.Fault.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultServerTest {

    private final byte[] bytes = new byte[200_000];
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private FaultServer server;
    private Resource disk;

    @BeforeEach
    void serve() {
        new Random(1).nextBytes(bytes);
        server = FaultServer.start();
        disk = server.add("/disk.raw", ResourceSpec.of(bytes).etag("\"v1\""));
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void answersRangesUnlessTheContentChanged() throws Exception {
        var part = get("Range", "bytes=100-299", "If-Range", "\"v1\"");
        var whole = get("Range", "bytes=100-299", "If-Range", "\"v0\"");

        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 100-299/200000");
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(bytes, 100, 300));
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(bytes);
        assertThat(disk.log()).extracting(ServedRequest::status).containsExactly(206, 200);
    }

    @Test
    void dropsOnceAndThenBehaves() throws Exception {
        disk.faults(Fault.of(Kind.DROP).afterBytes(1000).times(1));

        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        assertThat(get().body()).isEqualTo(bytes);
    }

    @Test
    void aBodyCutWithoutLengthLooksComplete() throws Exception {
        disk.faults(Fault.of(Kind.NO_LENGTH_CUT).afterBytes(1000));

        assertThat(get().body()).isEqualTo(Arrays.copyOf(bytes, 1000));
    }

    @Test
    void aGateHoldsTheBodyUntilItIsTakenAwayThroughTheAdminPath() throws Exception {
        put("/_faults", "{\"path\":\"/disk.raw\",\"faults\":[{\"kind\":\"GATE\",\"afterTotalBytes\":70000}]}");

        CompletableFuture<HttpResponse<byte[]>> pending =
                client.sendAsync(request("/disk.raw").build(), HttpResponse.BodyHandlers.ofByteArray());
        await().until(() -> disk.stats().held() == 1);
        assertThat(disk.stats().bodyBytes()).isEqualTo(70_000);
        put("/_faults", "{\"path\":\"/disk.raw\",\"faults\":[]}");

        assertThat(pending.get().body()).isEqualTo(bytes);
        assertThat(text("/_stats")).contains("\"/disk.raw\":{\"requests\":1,\"bodyBytes\":200000,\"held\":0}");
    }

    @Test
    void asksForALogin() throws Exception {
        try (var locked = FaultServer.start(ServerOptions.defaults().login("jane", "secret"))) {
            locked.add("/x", ResourceSpec.of(bytes));
            var anonymous = HttpRequest.newBuilder(URI.create(locked.url("/x"))).build();
            var jane = HttpRequest.newBuilder(URI.create(locked.url("/x")))
                    .header("Authorization", "Basic amFuZTpzZWNyZXQ=")
                    .build();

            assertThat(client.send(anonymous, HttpResponse.BodyHandlers.ofByteArray())
                            .statusCode())
                    .isEqualTo(401);
            assertThat(client.send(jane, HttpResponse.BodyHandlers.ofByteArray())
                            .body())
                    .isEqualTo(bytes);
        }
    }

    @Test
    void servesADirectoryAndNothingAboveIt(@TempDir Path directory) throws Exception {
        Path root = Files.createDirectory(directory.resolve("root"));
        Files.write(root.resolve("a.img"), bytes);
        Files.write(directory.resolve("secret"), bytes);
        try (var files = FaultServer.start(ServerOptions.defaults().root(root))) {
            assertThat(files.resource("/a.img")).isPresent();
            assertThat(files.resource("/../secret")).isEmpty();
        }
    }

    private HttpResponse<byte[]> get(String... headers) throws IOException, InterruptedException {
        var builder = request("/disk.raw");
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return client.send(builder.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void put(String path, String json) throws IOException, InterruptedException {
        var answer = client.send(
                request(path).PUT(HttpRequest.BodyPublishers.ofString(json)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private String text(String path) throws IOException, InterruptedException {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(server.url(path)));
    }
}
