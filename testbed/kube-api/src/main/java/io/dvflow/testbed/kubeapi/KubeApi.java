package io.dvflow.testbed.kubeapi;

import static org.awaitility.Awaitility.await;

import io.dvflow.testbed.processes.FreePort;
import io.dvflow.testbed.processes.ServerProcess;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A real etcd and kube-apiserver on loopback ports of their own, without controllers, scheduler or nodes: what is
 * written stays as it is written. Data live in a temporary directory that {@link #close()} removes.
 *
 * <p>RBAC is on; the client is a cluster administrator. Service accounts need not exist for pods to be created.
 */
public final class KubeApi implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String FIELD_MANAGER = "dvflow-test";

    private final Binaries binaries;
    private final Path directory;
    private final Config config;
    private final ServerProcess etcd;
    private final ServerProcess apiServer;
    private final KubernetesClient client;

    private KubeApi(Binaries binaries, List<String> moreFlags) throws IOException {
        this.binaries = binaries;
        this.directory = Files.createTempDirectory("dvflow-kube-api-");
        int etcdPort = FreePort.next();
        int apiPort = FreePort.next();
        String token = UUID.randomUUID().toString();
        this.etcd = ServerProcess.start("etcd", directory, etcdCommand(etcdPort, FreePort.next()));
        this.apiServer =
                ServerProcess.start("kube-apiserver", directory, apiCommand(etcdPort, apiPort, token, moreFlags));
        this.config = new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + apiPort)
                .withCaCertFile(directory.resolve("certs/apiserver.crt").toString())
                .withOauthToken(token)
                .withNamespace("default")
                .withRequestRetryBackoffLimit(0)
                .build();
        awaitCertificate();
        this.client = new KubernetesClientBuilder().withConfig(config).build();
        awaitReady();
        Files.writeString(kubeconfig(), kubeconfigText(token));
    }

    /** Starts both servers and returns when the API is ready. */
    static KubeApi start(Binaries binaries, List<String> moreFlags) {
        try {
            return new KubeApi(binaries, moreFlags);
        } catch (IOException e) {
            throw new UncheckedIOException("Starting a kube-apiserver from " + binaries.directory(), e);
        }
    }

    /** A client with all rights. Closed with this object. */
    public KubernetesClient client() {
        return client;
    }

    /** A client that acts as somebody else, with the rights RBAC gives to that user. The caller closes it. */
    public KubernetesClient clientAs(String user, String... groups) {
        Config impersonating = new ConfigBuilder(config)
                .withImpersonateUsername(user)
                .withImpersonateGroups(groups)
                .build();
        return new KubernetesClientBuilder().withConfig(impersonating).build();
    }

    /** How to reach the server with all rights. */
    public Config config() {
        return config;
    }

    /** A kubeconfig file with all rights. */
    public Path kubeconfig() {
        return directory.resolve("kubeconfig");
    }

    /** A scratch directory that lives as long as the server. */
    public Path directory() {
        return directory;
    }

    /** Applies every YAML file of a directory, server-side, and waits until the CRDs among them are served. */
    public void install(Path manifests) {
        try (Stream<Path> files = Files.list(manifests)) {
            files.filter(file -> file.toString().endsWith(".yaml")).sorted().forEach(this::installFile);
        } catch (IOException e) {
            throw new UncheckedIOException("Installing the manifests of " + manifests, e);
        }
    }

    private void installFile(Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            apply(content);
        } catch (IOException e) {
            throw new UncheckedIOException("Reading " + file, e);
        }
    }

    /** Applies every object of a YAML text, server-side, and waits until the CRDs among them are served. */
    public void apply(InputStream manifest) {
        for (HasMetadata object : client.load(manifest).items()) {
            apply(object);
            if (object instanceof CustomResourceDefinition crd) {
                awaitServed(crd);
            }
        }
    }

    private void apply(HasMetadata object) {
        client.resource(object)
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager(FIELD_MANAGER)
                        .withForce(true)
                        .build());
    }

    // Established says that the kind has its URL; until lists work, creates may still answer 404.
    private void awaitServed(CustomResourceDefinition crd) {
        String apiVersion = crd.getSpec().getGroup() + "/"
                + crd.getSpec().getVersions().getFirst().getName();
        String kind = crd.getSpec().getNames().getKind();
        await("CRD " + crd.getMetadata().getName() + " is served")
                .pollInterval(POLL)
                .atMost(START_LIMIT)
                .ignoreException(KubernetesClientException.class)
                .until(() -> {
                    client.genericKubernetesResources(apiVersion, kind)
                            .inAnyNamespace()
                            .list();
                    return true;
                });
    }

    /** Runs kubectl with all rights and returns what it printed; fails unless it ends with 0. */
    public String kubectl(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                binaries.path("kubectl").toString(),
                "--kubeconfig",
                kubeconfig().toString()));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.waitFor();
            if (exitCode != 0) {
                throw new IllegalStateException(
                        "kubectl " + String.join(" ", arguments) + " ended with " + exitCode + ":\n" + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException("Running kubectl " + String.join(" ", arguments), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while running kubectl", e);
        }
    }

    @Override
    public void close() {
        client.close();
        apiServer.close();
        etcd.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Removing " + directory, e);
        }
    }

    private List<String> etcdCommand(int clientPort, int peerPort) {
        String clientUrl = "http://127.0.0.1:" + clientPort;
        String peerUrl = "http://127.0.0.1:" + peerPort;
        return List.of(
                binaries.path("etcd").toString(),
                "--data-dir=" + directory.resolve("etcd"),
                "--unsafe-no-fsync",
                "--log-level=warn",
                "--listen-client-urls=" + clientUrl,
                "--advertise-client-urls=" + clientUrl,
                "--listen-peer-urls=" + peerUrl,
                "--initial-advertise-peer-urls=" + peerUrl,
                "--initial-cluster=default=" + peerUrl);
    }

    private List<String> apiCommand(int etcdPort, int port, String token, List<String> moreFlags) throws IOException {
        Path serviceAccountKey = directory.resolve("service-account.key");
        Files.writeString(serviceAccountKey, newPrivateKey());
        Path tokens = directory.resolve("tokens.csv");
        Files.writeString(tokens, token + ",admin,admin,system:masters\n");
        List<String> command = new ArrayList<>(List.of(
                binaries.path("kube-apiserver").toString(),
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + directory.resolve("certs"),
                "--token-auth-file=" + tokens,
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + serviceAccountKey,
                "--service-account-signing-key-file=" + serviceAccountKey,
                "--service-cluster-ip-range=10.96.0.0/16",
                "--allow-privileged=true",
                // Without the controller manager no namespace has its default service account.
                "--disable-admission-plugins=ServiceAccount"));
        command.addAll(moreFlags);
        return command;
    }

    private void awaitCertificate() {
        Path certificate = directory.resolve("certs/apiserver.crt");
        await("kube-apiserver has made its certificate")
                .pollInterval(POLL)
                .atMost(START_LIMIT)
                .until(() -> {
                    checkAlive();
                    return Files.exists(certificate) && Files.size(certificate) > 0;
                });
    }

    private void awaitReady() {
        await("kube-apiserver is ready").pollInterval(POLL).atMost(START_LIMIT).until(() -> {
            checkAlive();
            try {
                return "ok".equals(client.raw("/readyz"))
                        && client.namespaces().withName("default").get() != null;
            } catch (KubernetesClientException notYet) {
                return false;
            }
        });
    }

    private void checkAlive() {
        etcd.checkAlive();
        apiServer.checkAlive();
    }

    private String kubeconfigText(String token) {
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: test, cluster: {server: "%s", certificate-authority: "%s"}}]
                users: [{name: admin, user: {token: "%s"}}]
                contexts: [{name: test, context: {cluster: test, user: admin, namespace: default}}]
                current-context: test
                """.formatted(config.getMasterUrl(), config.getCaCertFile(), token);
    }

    private static String newPrivateKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] encoded = generator.generateKeyPair().getPrivate().getEncoded();
            String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
            return "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Making the key of the service accounts", e);
        }
    }
}
