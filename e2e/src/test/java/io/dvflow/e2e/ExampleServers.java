package io.dvflow.e2e;

import io.dvflow.e2e.TestCluster.Command;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.PemIdentity;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.S3Server;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;

/**
 * Stands in for the servers that the examples name: each serves the same image, from this machine's address. A new kind of
 * source adds its server in a method of its own, and says what of a manifest it stands in for.
 */
final class ExampleServers implements AutoCloseable {

    private static final String PASSWORD = "changeit";

    private final String host = TestCluster.get().hostAddress();
    private final Path directory;
    private final Path image;
    private final ArchivedTree tree;
    private final Map<String, String> standIns = new LinkedHashMap<>();
    private final List<Runnable> closers = new ArrayList<>();

    /** @param image what the examples call {@code fedora.qcow2} */
    ExampleServers(Path directory, Path image) {
        this.directory = directory;
        this.image = image;
        this.tree = new ArchivedTree(subdirectory("tree-and-archive"));
        webServers();
        privateServer();
        SSLContext identity = identity();
        internalServer(identity);
        registries(identity);
        diskOfANode();
        s3Server();
        gcsServer();
    }

    /** What the examples call {@code tools.tar.gz}. */
    ArchivedTree tree() {
        return tree;
    }

    /** Where all of them are. */
    String host() {
        return host;
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
        server.add("/tools.tar.gz", ResourceSpec.of(tree.archive()));
        standIns.put("https://images.example.com", server.url(""));
        standIns.put("https://mirror-1.example.com", server.url(""));
        standIns.put("https://mirror-2.example.com", server.url(""));
    }

    private void privateServer() {
        FaultServer server =
                FaultServer.start(ServerOptions.defaults().bind(host, 0).login("the-user", "the-password"));
        closers.add(server::close);
        server.add("/fedora.qcow2", ResourceSpec.of(image));
        standIns.put("https://private.example.com", server.url(""));
    }

    /** With a certificate that nobody knows. */
    private void internalServer(SSLContext identity) {
        FaultServer server =
                FaultServer.start(ServerOptions.defaults().bind(host, 0).tls(identity));
        closers.add(server::close);
        server.add("/fedora.qcow2", ResourceSpec.of(image));
        standIns.put("https://internal.example.com", server.url(""));
    }

    private void registries(SSLContext identity) {
        Path disk = directory.resolve("fedora-disk");
        Command.run("cp", "--sparse=always", image.toString(), disk.toString());
        ImageRegistry open = ImageRegistry.insecure(subdirectory("registry"));
        closers.add(open::close);
        open.push("containerdisks/fedora:latest", disk);
        standIns.put("docker://quay.io", "docker://" + open.authority());
        ImageRegistry secured =
                ImageRegistry.secured(subdirectory("secured-registry"), identity, "jane", "the-password");
        closers.add(secured::close);
        secured.push("disks/fedora:41", disk);
        standIns.put("registry.example.com", secured.authority());
    }

    private SSLContext identity() {
        Path keys = directory.resolve("internal.p12");
        Command.run(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=internal",
                "-ext",
                "san=ip:" + host,
                "-keystore",
                keys.toString(),
                "-storepass",
                PASSWORD);
        try (InputStream in = Files.newInputStream(keys)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            String alias = store.aliases().nextElement();
            Certificate[] chain = store.getCertificateChain(alias);
            standIns.put("THE CERTIFICATE", Base64.getEncoder().encodeToString(chain[0].getEncoded()));
            return PemIdentity.of(chain, (PrivateKey) store.getKey(alias, PASSWORD.toCharArray()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("Cannot make the identity of the internal servers", e);
        }
    }

    /** A device of this machine, full of something else. */
    private void diskOfANode() {
        Path backing = directory.resolve("disk-of-a-node");
        Command.run("sh", "-c", "head -c 524288000 /dev/zero | tr '\\0' '\\252' > " + backing);
        String device =
                Command.run("losetup", "-f", "--show", backing.toString()).strip();
        closers.add(() -> Command.run("losetup", "-d", device));
        standIns.put("/dev/sdb", device);
        standIns.put(
                "worker-1\n",
                TestCluster.get()
                                .kubernetes()
                                .nodes()
                                .list()
                                .getItems()
                                .getFirst()
                                .getMetadata()
                                .getName() + "\n");
    }

    /** Classes and volumes do not go with the namespace. */
    void removeClusterObjects(String manifest) {
        var kubernetes = TestCluster.get().kubernetes();
        kubernetes.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8))).items().stream()
                .filter(object -> object instanceof StorageClass || object instanceof PersistentVolume)
                .forEach(object -> kubernetes.resource(object).delete());
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
