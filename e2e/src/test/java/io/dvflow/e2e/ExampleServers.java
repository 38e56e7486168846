package io.dvflow.e2e;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Stands in for the servers that the examples name: each serves the same image, from this machine's address. A new kind of
 * source adds its server in a method of its own, and says what of a manifest it stands in for.
 */
final class ExampleServers implements AutoCloseable {

    private final String host = TestCluster.get().hostAddress();
    private final Path directory;
    private final Path image;
    private final Map<String, String> standIns = new LinkedHashMap<>();
    private final List<Runnable> closers = new ArrayList<>();

    /** @param image what the examples call {@code fedora.qcow2} */
    ExampleServers(Path directory, Path image) {
        this.directory = directory;
        this.image = image;
        webServers();
        s3Server();
        gcsServer();
    }

    /** The manifest with every server in it replaced. */
    String onTheseServers(String manifest) {
        String replaced = manifest;
        for (Map.Entry<String, String> standIn : standIns.entrySet()) {
            replaced = replaced.replace(standIn.getKey(), standIn.getValue());
        }
        return replaced;
    }

    @Override
    public void close() {
        closers.reversed().forEach(Runnable::run);
    }

    private void webServers() {
        FaultServer server = webServer();
        for (String path : List.of("/fedora.qcow2", "/images/fedora.qcow2")) {
            server.add(path, ResourceSpec.of(image));
        }
        standIns.put("https://images.example.com", server.url(""));
        standIns.put("https://mirror-1.example.com", server.url(""));
        standIns.put("https://mirror-2.example.com", server.url(""));
    }

    private void s3Server() {
        S3Server server = S3Server.startOn(host, subdirectory("s3"), "eu-west-1");
        closers.add(server::close);
        server.put("images", "fedora.qcow2", image);
        standIns.put("https://s3.eu-west-1.amazonaws.com", server.endpoint());
        standIns.put("AKIAIOSFODNN7EXAMPLE", S3Server.ACCESS_KEY);
        standIns.put("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", S3Server.SECRET_KEY);
    }

    private void gcsServer() {
        GcsServer server = GcsServer.startOn(host, subdirectory("gcs"));
        closers.add(server::close);
        server.createBucket("images");
        server.put("images", "fedora.qcow2", image);
        FaultServer tokens = webServer();
        byte[] token = "{\"access_token\":\"granted\",\"expires_in\":3600}".getBytes(StandardCharsets.UTF_8);
        tokens.add("/token", ResourceSpec.of(token));
        standIns.put("gs://", server.endpoint() + "/");
        standIns.put("https://oauth2.googleapis.com", tokens.url(""));
        standIns.put("THE KEY", privateKey());
    }

    private FaultServer webServer() {
        FaultServer server = FaultServer.start(ServerOptions.defaults().bind(host, 0));
        closers.add(server::close);
        return server;
    }

    private Path subdirectory(String name) {
        try {
            return Files.createDirectory(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make room for the " + name + " server", e);
        }
    }

    private static String privateKey() {
        try {
            return Base64.getEncoder()
                    .encodeToString(KeyPairGenerator.getInstance("RSA")
                            .generateKeyPair()
                            .getPrivate()
                            .getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has RSA", e);
        }
    }
}
