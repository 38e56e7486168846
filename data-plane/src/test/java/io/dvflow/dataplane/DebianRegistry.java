package io.dvflow.dataplane;

import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.processes.FreePort;
import io.dvflow.transfer.TransferSource;
import java.io.File;
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
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The registry that Debian packages (distribution), with a certificate of a private authority and a user file. */
final class DebianRegistry implements AutoCloseable {

    static final String USER = "jane";
    static final String PASSWORD = "s3cret";

    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
    /** Of {@link #PASSWORD}, by {@code htpasswd -B}. */
    private static final String HASH = "$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK";

    private final Path directory;
    private final Path certificates;
    private final int port;
    private final Process process;
    private final HttpClient client;

    DebianRegistry(Path directory) throws IOException, GeneralSecurityException {
        if (!Files.isExecutable(PROGRAM)) {
            throw new IllegalStateException(PROGRAM + " is missing; tests need Debian's docker-registry");
        }
        this.directory = directory;
        this.certificates = Files.createDirectories(directory.resolve("certificates"));
        this.port = FreePort.next();
        makeCertificate();
        Path config = configuration();
        this.process = new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        this.client = HttpClient.newBuilder().sslContext(trusting()).build();
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> send(request("/v2/").GET()).statusCode() == 200);
    }

    /** The directory a config map with its authority would be mounted to. */
    Path certificates() {
        return certificates;
    }

    void push(ContainerImage image) {
        image.blobs.forEach((digest, content) -> {
            String upload = send(request("/v2/disks/linux/blobs/uploads/").POST(BodyPublishers.noBody()))
                    .headers()
                    .firstValue("location")
                    .orElseThrow();
            String separator = upload.contains("?") ? "&" : "?";
            expect(
                    201,
                    send(HttpRequest.newBuilder(URI.create(upload + separator + "digest=" + digest))
                            .header("Authorization", login())
                            .PUT(BodyPublishers.ofByteArray(content))));
        });
    }

    void manifest(String name, byte[] manifest, String mediaType) {
        expect(
                201,
                send(request("/v2/disks/linux/manifests/" + name)
                        .header("Content-Type", mediaType)
                        .PUT(BodyPublishers.ofByteArray(manifest))));
    }

    TransferSource.Registry source(String tagOrDigest, Path secret, Optional<String> architecture) {
        String separator = tagOrDigest.startsWith("sha256:") ? "@" : ":";
        return new TransferSource.Registry(
                "docker://127.0.0.1:" + port + "/disks/linux" + separator + tagOrDigest,
                Optional.of(secret.toString()),
                Optional.of(certificates.toString()),
                architecture,
                false,
                Optional.empty());
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

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .header("Authorization", login());
    }

    private static String login() {
        return "Basic " + GuardedRegistry.base64(USER + ":" + PASSWORD);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while pushing an image", e);
        }
    }

    private static void expect(int status, HttpResponse<String> answer) {
        if (answer.statusCode() != status) {
            throw new IllegalStateException("The registry answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    private void makeCertificate() {
        Shell.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=registry",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                directory.resolve("key.pem"),
                "-out",
                certificates.resolve("ca.pem"));
    }

    private Path configuration() throws IOException {
        Files.writeString(directory.resolve("users"), USER + ":" + HASH + "\n");
        return Files.writeString(directory.resolve("config.yml"), """
                version: 0.1
                log: {level: warn}
                storage:
                  filesystem: {rootdirectory: %1$s/storage}
                http:
                  addr: 127.0.0.1:%2$d
                  secret: test
                  tls: {certificate: %1$s/certificates/ca.pem, key: %1$s/key.pem}
                auth:
                  htpasswd: {realm: test, path: %1$s/users}
                """.formatted(directory, port));
    }

    private SSLContext trusting() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var in = Files.newInputStream(certificates.resolve("ca.pem"))) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
