package io.dvflow.e2e;

import io.dvflow.api.v1beta1.CDI;
import io.dvflow.api.v1beta1.CDIConfig;
import io.dvflow.api.v1beta1.CDIConfigSpec;
import io.dvflow.e2e.TestCluster.Command;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import javax.net.ssl.SSLContext;

/**
 * A registry of disk images on this machine. As one sees it who only reads: what {@code docker build} and
 * {@code docker push} leave there.
 */
final class ImageRegistry implements AutoCloseable {

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    private final Path directory;
    private final FaultServer server;
    private final boolean isInsecure;

    private ImageRegistry(Path directory, ServerOptions options, boolean isInsecure) {
        this.directory = directory;
        this.server = FaultServer.start(options.bind(TestCluster.get().hostAddress(), 0));
        this.isInsecure = isInsecure;
        server.add("/v2/", ResourceSpec.of("{}".getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Plain http, for everybody: the node may pull from it, and it is in {@code insecureRegistries} while it is there.
     *
     * @param directory for what is served
     */
    static ImageRegistry insecure(Path directory) {
        ImageRegistry registry = new ImageRegistry(directory, ServerOptions.defaults(), true);
        registry.letTheNodePull();
        registry.configure(list -> list.add(registry.authority()));
        return registry;
    }

    /** For those who know the certificate and the login. */
    static ImageRegistry secured(Path directory, SSLContext identity, String user, String password) {
        return new ImageRegistry(
                directory, ServerOptions.defaults().tls(identity).login(user, password), false);
    }

    /** Host and port, as images are named and as {@code insecureRegistries} names it. */
    String authority() {
        return TestCluster.get().hostAddress() + ":" + server.port();
    }

    /**
     * An image with one file below {@code /disk}, owned as KubeVirt asks for.
     *
     * @param name {@code repository:tag}
     * @return its only layer, as it is served
     */
    Resource push(String name, Path disk, String... environment) {
        Path root = directory.resolve("root-" + name.replaceAll("\\W", "-"));
        Command.run("mkdir", "-p", root + "/disk");
        Command.run("cp", "--sparse=always", disk.toString(), root + "/disk/" + disk.getFileName());
        return push(name, root, "{\"Env\":[" + quoted(environment) + "]}");
    }

    /**
     * An image that runs a program.
     *
     * @param root what it holds
     */
    void pushProgram(String name, Path root, List<String> entrypoint) {
        push(name, root, "{\"Entrypoint\":[" + quoted(entrypoint.toArray(String[]::new)) + "]}");
    }

    private Resource push(String name, Path root, String settings) {
        Path tar = directory.resolve(root.getFileName() + ".tar");
        List<String> command = new ArrayList<>(
                List.of("tar", "--owner=107", "--group=107", "-cf", tar.toString(), "-C", root.toString()));
        command.addAll(List.of(Objects.requireNonNull(root.toFile().list())));
        Command.run(command);
        Layer layer = pack(tar);
        byte[] config = json("""
                {"architecture":"amd64","os":"linux","config":%s,
                "rootfs":{"type":"layers","diff_ids":["%s"]}}
                """.formatted(settings, layer.diffId()));
        String repository = name.substring(0, name.indexOf(':'));
        Resource served = blob(repository, layer.digest(), ResourceSpec.of(layer.file()));
        blob(repository, digest(config), ResourceSpec.of(config));
        byte[] manifest = json("""
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}
                """.formatted(
                        MANIFEST,
                        descriptor(CONFIG, digest(config), config.length),
                        descriptor(LAYER, layer.digest(), layer.bytes())));
        for (String reference : new String[] {name.substring(name.indexOf(':') + 1), digest(manifest)}) {
            server.add(
                    "/v2/" + repository + "/manifests/" + reference,
                    ResourceSpec.of(manifest).contentType(MANIFEST));
        }
        return served;
    }

    @Override
    public void close() {
        if (isInsecure) {
            configure(list -> list.remove(authority()));
        }
        server.close();
    }

    private void configure(Consumer<List<String>> change) {
        var kubernetes = TestCluster.get().kubernetes();
        var cdi = kubernetes.resources(CDI.class).withName("cdi");
        CDIConfigSpec config = cdi.get().getSpec().config();
        List<String> registries = new ArrayList<>(config == null ? List.of() : config.insecureRegistries());
        change.accept(registries);
        cdi.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"spec\":{\"config\":{\"insecureRegistries\":"
                        + kubernetes.getKubernetesSerialization().asJson(registries) + "}}}");
        TestWaits.until(
                "the insecure registries are in effect",
                () -> kubernetes
                        .resources(CDIConfig.class)
                        .withName("config")
                        .get()
                        .getSpec()
                        .insecureRegistries()
                        .equals(registries));
    }

    /** containerd reads this at each pull. */
    private void letTheNodePull() {
        Path hosts = TestCluster.get()
                .stateDirectory()
                .resolve("containerd/certs.d")
                .resolve(authority())
                .resolve("hosts.toml");
        try {
            Files.createDirectories(hosts.getParent());
            // The containerd of Debian 12 takes no file without a host.
            Files.writeString(
                    hosts, "[host.\"http://" + authority() + "\"]\n  capabilities = [\"pull\", \"resolve\"]\n");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot tell containerd of the registry", e);
        }
    }

    private Resource blob(String repository, String digest, ResourceSpec content) {
        return server.add("/v2/" + repository + "/blobs/" + digest, content);
    }

    /** @param diffId digest of the archive before it was packed */
    private record Layer(Path file, String digest, String diffId, long bytes) {}

    private static Layer pack(Path tar) {
        Path packed = Path.of(tar + ".gz");
        MessageDigest inside = sha256();
        MessageDigest outside = sha256();
        try (OutputStream gzip = new DigestOutputStream(
                new GZIPOutputStream(new DigestOutputStream(Files.newOutputStream(packed), outside)), inside)) {
            Files.copy(tar, gzip);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot pack " + tar, e);
        }
        try {
            return new Layer(packed, text(outside.digest()), text(inside.digest()), Files.size(packed));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String quoted(String... texts) {
        return Arrays.stream(texts).map(text -> '"' + text + '"').collect(Collectors.joining(","));
    }

    private static String descriptor(String mediaType, String digest, long size) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    private static byte[] json(String text) {
        return text.strip().getBytes(StandardCharsets.UTF_8);
    }

    private static String digest(byte[] content) {
        return text(sha256().digest(content));
    }

    private static String text(byte[] hash) {
        return "sha256:" + HexFormat.of().formatHex(hash);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
