package io.dvflow.starter;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/**
 * The library's imitation of an API server, one for all tests of a JVM, as its closing is not to be relied upon: it
 * waits as long for the end of a watch as it gives itself time in all (10 s), and one watch in twenty does not end.
 */
public final class MockCluster {
    private static final KubernetesMockServer SERVER = start();
    private static final KubernetesClient CLIENT = SERVER.createClient();

    private MockCluster() {}

    /** The server with nothing in it, and none of the requests counted that have ended. */
    public static KubernetesMockServer emptied() {
        SERVER.reset();
        return SERVER;
    }

    /** For what a test itself gives and looks at; not to be closed. */
    public static KubernetesClient client() {
        return CLIENT;
    }

    private static KubernetesMockServer start() {
        Map<ServerRequest, Queue<ServerResponse>> responses = new HashMap<>();
        var server = new KubernetesMockServer(
                new Context(), new MockWebServer(), responses, new KubernetesMixedDispatcher(responses), true);
        server.init();
        return server;
    }
}
