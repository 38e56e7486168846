package io.dvflow.e2e;

import io.dvflow.testbed.http.FaultServer;
import io.dvflow.testbed.http.Resource;
import io.dvflow.testbed.http.ResourceSpec;
import io.dvflow.testbed.http.ServerOptions;
import io.dvflow.testbed.http.TestAuthority;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.file.Path;
import java.util.UUID;

/** Web servers of this machine that want to be asked in different ways. */
final class WebServers implements AutoCloseable {

    private static final String AUTHORITY = "given-authority";
    private static final String LOGIN = "given-login";
    private static final String USER = "jane";
    private static final String PASSWORD = "the-password";

    private final String host = TestCluster.get().hostAddress();
    private final TestAuthority authority;
    private final FaultServer open;
    private final FaultServer secured;
    private final FaultServer guarded;

    /** How a server wants to be asked. */
    enum Way {
        PLAIN("http"),
        WITHOUT_RANGES("http without ranges"),
        PRIVATE_CA("https of a private CA"),
        LOGIN("http with a login");

        private final String words;

        Way(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** @param directory for keys */
    WebServers(Path directory) {
        authority = new TestAuthority(directory);
        open = FaultServer.start(ServerOptions.defaults().bind(host, 0));
        secured = FaultServer.start(ServerOptions.defaults().bind(host, 0).tls(authority.server("ip:" + host)));
        guarded = FaultServer.start(ServerOptions.defaults().bind(host, 0).login(USER, PASSWORD));
    }

    /** Serves an image, under a name of its own. */
    Served serve(Way way, Path image) {
        return switch (way) {
            case PLAIN -> Served.at(open, image);
            case WITHOUT_RANGES -> served(open, ResourceSpec.of(image).withoutRanges(), "");
            case PRIVATE_CA -> served(secured, ResourceSpec.of(image), "\n      certConfigMap: " + AUTHORITY);
            case LOGIN -> served(guarded, ResourceSpec.of(image), "\n      secretRef: " + LOGIN);
        };
    }

    /** Makes what a DataVolume in that namespace has to name. */
    void letIn(TestNamespace namespace, Way way) {
        var kubernetes = TestCluster.get().kubernetes();
        switch (way) {
            case PLAIN, WITHOUT_RANGES -> {}
            case PRIVATE_CA ->
                kubernetes
                        .resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace.name())
                                .withName(AUTHORITY)
                                .endMetadata()
                                .addToData("ca.pem", authority.certificate())
                                .build())
                        .create();
            case LOGIN ->
                kubernetes
                        .resource(new SecretBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace.name())
                                .withName(LOGIN)
                                .endMetadata()
                                .addToStringData("accessKeyId", USER)
                                .addToStringData("secretKey", PASSWORD)
                                .build())
                        .create();
        }
    }

    @Override
    public void close() {
        open.close();
        secured.close();
        guarded.close();
    }

    private static Served served(FaultServer server, ResourceSpec spec, String more) {
        Resource resource = server.add("/" + UUID.randomUUID(), spec);
        return new Served(
                "http:\n      url: " + server.url(resource.path()) + more,
                spec.content().length(),
                Tap.at(resource));
    }
}
