package io.dvflow.bridge;

import io.dvflow.bridge.engine.TemporalEngine;
import io.dvflow.temporal.TemporalConnection;
import io.dvflow.testbed.kubeapi.KubeApi;
import io.dvflow.testbed.kubeapi.KubeApiExtension;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Bridges and workers between a real API server and a real Temporal; each test has a namespace of its own. */
@ExtendWith(KubeApiExtension.class)
@Timeout(180)
abstract class BetweenRealServers {

    private static final Path CRDS = Path.of("../helm/dvflow/templates/crds");
    private static final Logger LOG = LoggerFactory.getLogger(BetweenRealServers.class);

    static TemporalForTests temporal;

    final String namespace = "real-" + UUID.randomUUID().toString().substring(0, 8);
    final List<AutoCloseable> opened = new ArrayList<>();
    KubeApi api;
    TemporalConnection observer;
    DataVolumesUnderTest imports;
    KubernetesClient asBridge;

    @BeforeAll
    static void startServers(KubeApi api) {
        api.install(CRDS);
        temporal = TemporalForTests.start(System.getenv("DVFLOW_BIN"));
    }

    @AfterAll
    static void stopServers() {
        if (temporal != null) {
            temporal.close();
        }
    }

    @BeforeEach
    void prepare(KubeApi server) {
        api = server;
        api.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        observer = temporal.connect("test");
        imports = new DataVolumesUnderTest(api.client(), namespace, observer);
        asBridge = BridgeRights.clientOf(api, namespace);
        opened.add(asBridge);
    }

    @AfterEach
    void closeWhatWasOpened() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        observer.close();
    }

    RunningBridge startBridge() {
        TemporalConnection connection = temporal.connect("bridge");
        var engine = new TemporalEngine(connection, InstantSource.system());
        var bridge = new Bridge(asBridge, engine, new SimpleMeterRegistry(), "test", InstantSource.system());
        bridge.start(() -> LOG.error("A watch has ended"));
        var running = new RunningBridge(bridge, engine, connection);
        opened.add(running);
        return running;
    }

    record RunningBridge(Bridge bridge, TemporalEngine engine, TemporalConnection connection) implements AutoCloseable {
        /** As a process that ends; may be called again. */
        @Override
        public void close() {
            bridge.close();
            engine.close();
            connection.close();
        }
    }

    WorkerForTests startWorker() {
        var worker = new WorkerForTests(temporal.connect("worker"), api.client());
        opened.add(worker);
        return worker;
    }
}
