package io.dvflow.e2e;

import io.dvflow.testbed.http.Fault;
import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.http.TestAuthority;
import io.dvflow.testbed.objects.GcsServer;
import io.dvflow.testbed.objects.S3Server;
import io.dvflow.testbed.processes.FreePort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LimitRangeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/** Failures whose cause lies outside of the object: it is mended, and the same object succeeds. */
final class MendableFailures implements AutoCloseable {

    private static final String USER = "me";
    private static final String PASSWORD = "right";

    private final KubernetesClient kubernetes = TestCluster.get().kubernetes();
    private final String host = TestCluster.get().hostAddress();
    private final Path directory;
    private final Path image;
    private final List<Runnable> closers = new ArrayList<>();
    private final FaultServer web = server(ServerOptions.defaults().bind(host, 0));

    /** @param image that fits into a disk of {@link FailureCase#DISK_BYTES} */
    MendableFailures(Path directory, Path image) {
        this.directory = directory;
        this.image = image;
    }

    List<FailureCase> all() {
        List<FailureCase> all = new ArrayList<>();
        all.addAll(answersOfTheServer());
        all.addAll(bodies());
        all.addAll(ways());
        all.addAll(certificates());
        all.addAll(logins());
        all.addAll(objectsThatAreMissing());
        all.addAll(limits());
        all.addAll(otherSources());
        return all;
    }

    @Override
    public void close() {
        closers.reversed().forEach(Runnable::run);
    }

    private List<FailureCase> answersOfTheServer() {
        return List.of(
                faulty("not found", Fault.status(404), "got 404. Status: 404 Not Found"),
                faulty("forbidden", Fault.status(403), "403"),
                faulty("gone", Fault.status(410), "410"),
                faulty("internal server error", Fault.status(500), "500"),
                faulty("bad gateway", Fault.status(502), "502 Bad Gateway"),
                faulty("unavailable", Fault.status(503), "503"),
                faulty("too many requests", Fault.status(429).retryAfter("1"), "429"),
                faulty("redirected to itself", Fault.of(Fault.Kind.REDIRECT), "redirects more than"),
                faulty("not HTTP", Fault.of(Fault.Kind.GARBAGE), "Unable to connect to http data source"),
                faulty(
                        "endless headers",
                        Fault.of(Fault.Kind.ENDLESS_HEADERS),
                        "Unable to connect to http data source"));
    }

    private List<FailureCase> bodies() {
        return List.of(
                faulty("no byte of a body comes", Fault.of(Fault.Kind.DROP), "closed the connection before the end"),
                faulty("length is too large", Fault.of(Fault.Kind.WRONG_LENGTH).delta(1 << 20), "Content-Length"),
                faulty(
                        "total of a range is wrong",
                        Fault.of(Fault.Kind.WRONG_TOTAL).delta(4096),
                        "changed while"),
                faulty(
                        "bytes of another range",
                        Fault.of(Fault.Kind.WRONG_CONTENT_RANGE).delta(512),
                        "in answer to a request for bytes"));
    }

    private List<FailureCase> ways() {
        int port = FreePort.next();
        return List.of(
                FailureCase.of(
                                "nobody listens",
                                "http:\n      url: http://" + host + ":" + port + "/disk",
                                "Unable to connect to http data source",
                                "refused")
                        .mendedBy(_ -> server(ServerOptions.defaults().bind(host, port))
                                .add("/disk", ResourceSpec.of(image))),
                FailureCase.of(
                                "unknown host",
                                "http:\n      url: http://images-of-the-team"
                                        + resource().path(),
                                "Unable to connect to http data source",
                                "images-of-the-team")
                        .mendedBy(namespace -> namespace.service("images-of-the-team", host, web.port())));
    }

    private List<FailureCase> certificates() {
        TestAuthority ours = new TestAuthority(subdirectory("ours"));
        TestAuthority theirs = new TestAuthority(subdirectory("theirs"));
        SSLContext right = ours.server("ip:" + host);
        FaultServer trusted = server(ServerOptions.defaults().bind(host, 0).tls(right));
        trusted.add("/disk", ResourceSpec.of(image));
        String source = "http:\n      url: " + trusted.url("/disk") + "\n      certConfigMap: authority";
        return List.of(
                FailureCase.of("certificates are missing", source, "ConfigMap", "authority does not exist")
                        .mendedBy(namespace -> namespace.configMap("authority", Map.of("ca.pem", ours.certificate()))),
                FailureCase.of("unknown authority", source, "the certificate of " + host, "is not trusted")
                        .given(namespace -> namespace.configMap("authority", Map.of("ca.pem", theirs.certificate())))
                        .mendedBy(namespace -> namespace.configMap("authority", Map.of("ca.pem", ours.certificate()))),
                behind(ours, "expired certificate", ours.expiredServer("ip:" + host), "is not trusted", "NotAfter"),
                behind(ours, "certificate of another host", ours.server("dns:other.example"), host));
    }

    /** A server with the wrong certificate, which gets the right one. */
    private FailureCase behind(TestAuthority authority, String name, SSLContext wrong, String... words) {
        int port = FreePort.next();
        AtomicReference<FaultServer> server = new AtomicReference<>(
                server(ServerOptions.defaults().bind(host, port).tls(wrong)));
        return FailureCase.of(
                        name,
                        "http:\n      url: " + server.get().url("/disk") + "\n      certConfigMap: authority",
                        words)
                .given(namespace -> namespace.configMap("authority", Map.of("ca.pem", authority.certificate())))
                .mendedBy(_ -> {
                    server.get().close();
                    server(ServerOptions.defaults().bind(host, port).tls(authority.server("ip:" + host)))
                            .add("/disk", ResourceSpec.of(image));
                });
    }

    private List<FailureCase> logins() {
        FaultServer locked = server(ServerOptions.defaults().bind(host, 0).login(USER, PASSWORD));
        locked.add("/disk", ResourceSpec.of(image));
        String source = "http:\n      url: " + locked.url("/disk");
        String withSecret = source + "\n      secretRef: login";
        return List.of(
                FailureCase.of("secret is missing", withSecret, "Secret", "login does not exist")
                        .mendedBy(namespace -> login(namespace, PASSWORD)),
                FailureCase.of("password is wrong", withSecret, "401", "login")
                        .given(namespace -> login(namespace, "wrong"))
                        .mendedBy(namespace -> login(namespace, PASSWORD)),
                FailureCase.of("secret has other keys", withSecret, "accessKeyId")
                        .given(namespace -> namespace.secret("login", Map.of("user", USER)))
                        .mendedBy(namespace -> login(namespace, PASSWORD)),
                FailureCase.of(
                                "secret headers are missing",
                                source + "\n      secretExtraHeaders: [login]",
                                "Secret",
                                "login does not exist")
                        .mendedBy(namespace ->
                                namespace.secret("login", Map.of("header", "Authorization: Basic bWU6cmlnaHQ="))),
                FailureCase.of(
                                "secret header is none",
                                source + "\n      secretExtraHeaders: [login]",
                                "to be one line 'Name: value'")
                        .given(namespace -> namespace.secret("login", Map.of("header", "no colon")))
                        .mendedBy(namespace ->
                                namespace.secret("login", Map.of("header", "Authorization: Basic bWU6cmlnaHQ="))));
    }

    private void login(TestNamespace namespace, String password) {
        namespace.secret("login", Map.of("accessKeyId", USER, "secretKey", password));
    }

    private List<FailureCase> objectsThatAreMissing() {
        String storageClass = "late-" + UUID.randomUUID();
        String priorityClass = "late-" + UUID.randomUUID();
        return List.of(
                good("storage class is missing", storageClass)
                        .onClass(storageClass)
                        .mendedBy(_ -> {
                            StorageClass like = kubernetes
                                    .storage()
                                    .v1()
                                    .storageClasses()
                                    .withName("csi-immediate")
                                    .get();
                            clusterWide(new StorageClassBuilder(like)
                                    .withMetadata(new ObjectMetaBuilder()
                                            .withName(storageClass)
                                            .build())
                                    .build());
                        }),
                good("priority class is missing", priorityClass)
                        .spec("priorityClassName: " + priorityClass)
                        .mendedBy(_ -> clusterWide(new PriorityClassBuilder()
                                .withNewMetadata()
                                .withName(priorityClass)
                                .endMetadata()
                                .withValue(1000)
                                .build())),
                good("service account is missing", "serviceaccount", "fetcher")
                        .spec("serviceAccountName: fetcher")
                        .mendedBy(namespace -> namespace.create(new ServiceAccountBuilder()
                                .withNewMetadata()
                                .withName("fetcher")
                                .endMetadata()
                                .build())));
    }

    private List<FailureCase> limits() {
        return List.of(
                good("quota of pods", "exceeded quota", "limit")
                        .given(namespace -> namespace.quota("limit", "pods", "0"))
                        .mendedBy(namespace -> namespace.liftQuota("limit")),
                good("quota of claims", "exceeded quota", "limit")
                        .given(namespace -> namespace.quota("limit", "persistentvolumeclaims", "0"))
                        .mendedBy(namespace -> namespace.liftQuota("limit")),
                good("quota of storage", "exceeded quota", "limit")
                        .given(namespace -> namespace.quota("limit", "requests.storage", "1Mi"))
                        .mendedBy(namespace -> namespace.liftQuota("limit")),
                good("limit range of memory", "memory")
                        .given(namespace -> namespace.create(new LimitRangeBuilder()
                                .withNewMetadata()
                                .withName("limit")
                                .endMetadata()
                                .withNewSpec()
                                .addNewLimit()
                                .withType("Container")
                                .addToMax("memory", new Quantity("8Mi"))
                                .endLimit()
                                .endSpec()
                                .build()))
                        .mendedBy(namespace -> kubernetes
                                .limitRanges()
                                .inNamespace(namespace.name())
                                .withName("limit")
                                .delete()));
    }

    private List<FailureCase> otherSources() {
        S3Server s3 = S3Server.startOn(host, subdirectory("s3"), "eu-west-1");
        closers.add(s3::close);
        s3.put("images", "other", image);
        s3.publish("images");
        GcsServer gcs = GcsServer.startOn(host, subdirectory("gcs"));
        closers.add(gcs::close);
        gcs.createBucket("images");
        ImageRegistry registry = ImageRegistry.insecure(subdirectory("registry"));
        closers.add(registry::close);
        return List.of(
                FailureCase.of(
                                "object is not in S3",
                                "s3:\n      url: " + s3.endpoint() + "/images/disk",
                                "Unable to connect to s3 data source",
                                "404")
                        .mendedBy(_ -> s3.put("images", "disk", image)),
                FailureCase.of(
                                "object is not in GCS",
                                "gcs:\n      url: " + gcs.endpoint() + "/images/disk",
                                "Unable to connect to gcs data source",
                                "404")
                        .mendedBy(_ -> gcs.put("images", "disk", image)),
                FailureCase.of(
                                "image is not in the registry",
                                "registry:\n      url: docker://" + registry.authority() + "/late/disk:v1",
                                "failed to pull image",
                                "404")
                        .mendedBy(_ -> registry.push("late/disk:v1", image)));
    }

    private FailureCase faulty(String name, Fault fault, String... words) {
        Resource resource = resource();
        resource.faults(fault.kind() == Fault.Kind.REDIRECT ? Fault.redirect(resource.path()) : fault);
        return FailureCase.of(name, "http:\n      url: " + web.url(resource.path()), words)
                .servedAt(resource)
                .mendedBy(_ -> resource.faults());
    }

    private FailureCase good(String name, String... words) {
        return FailureCase.of(name, "http:\n      url: " + web.url(resource().path()), words);
    }

    private Resource resource() {
        return web.add("/" + UUID.randomUUID(), ResourceSpec.of(image));
    }

    private FaultServer server(ServerOptions options) {
        FaultServer server = FaultServer.start(options);
        closers.add(server::close);
        return server;
    }

    private void clusterWide(HasMetadata object) {
        kubernetes.resource(object).create();
        closers.add(() -> kubernetes.resource(object).delete());
    }

    private Path subdirectory(String name) {
        try {
            return Files.createDirectory(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make room for " + name, e);
        }
    }
}
