package io.dvflow.temporal;

import com.uber.m3.tally.NoopScope;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import io.dvflow.workflows.OperationDataConverter;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A connection to Temporal as the standard {@code TEMPORAL_*} environment describes it: address, namespace, TLS and mTLS
 * files, API key, headers, or a profile in a configuration file; the same variables that the {@code temporal} command
 * takes. Opening one does not wait for the server: nothing of dvflow refuses to start because Temporal is away.
 */
public final class TemporalConnection implements AutoCloseable {

    /** One call, retries included; the SDK's own default would hold a caller for a minute while Temporal is away. */
    public static final Duration RPC_TIMEOUT = Duration.ofSeconds(10);

    private static final Duration REPORT_EVERY = Duration.ofSeconds(10);

    private final WorkflowServiceStubs stubs;
    private final WorkflowClient client;
    private final Scope metrics;

    private TemporalConnection(WorkflowServiceStubs stubs, WorkflowClient client, Scope metrics) {
        this.stubs = stubs;
        this.client = client;
        this.metrics = metrics;
    }

    /** For a command that reports no metrics. */
    public static TemporalConnection open(Map<String, String> environment, String identity) {
        return open(environment, identity, new NoopScope());
    }

    /** For a process whose metrics are scraped; the SDK's are named {@code temporal_*}. */
    public static TemporalConnection open(Map<String, String> environment, String identity, MeterRegistry registry) {
        Scope scope = new RootScopeBuilder()
                .reporter(new MicrometerClientStatsReporter(registry))
                .reportEvery(com.uber.m3.util.Duration.ofMillis(REPORT_EVERY.toMillis()));
        return open(environment, identity, scope);
    }

    private static TemporalConnection open(Map<String, String> environment, String identity, Scope metrics) {
        ClientConfigProfile profile = profileOf(environment);
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(
                WorkflowServiceStubsOptions.newBuilder(profile.toWorkflowServiceStubsOptions())
                        .setMetricsScope(metrics)
                        .setRpcTimeout(RPC_TIMEOUT)
                        .build());
        WorkflowClientOptions options = WorkflowClientOptions.newBuilder(profile.toWorkflowClientOptions())
                .setIdentity(identity)
                .setDataConverter(OperationDataConverter.create())
                .build();
        return new TemporalConnection(stubs, WorkflowClient.newInstance(stubs, options), metrics);
    }

    private static ClientConfigProfile profileOf(Map<String, String> environment) {
        try {
            return ClientConfigProfile.load(LoadClientConfigProfileOptions.newBuilder()
                    .setEnvOverrides(environment)
                    .build());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "Cannot read how to reach Temporal: check the TEMPORAL_* variables and the files they name", e);
        }
    }

    public WorkflowClient client() {
        return client;
    }

    public WorkflowServiceStubs stubs() {
        return stubs;
    }

    public String namespace() {
        return client.getOptions().getNamespace();
    }

    /** Host and port, for people. */
    public String address() {
        return stubs.getOptions().getTarget();
    }

    /** Asks the server; takes as long as one health check may. */
    public boolean isServing() {
        try {
            return stubs.healthCheck().getStatus() == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    @Override
    public void close() {
        stubs.shutdownNow();
        stubs.awaitTermination(5, TimeUnit.SECONDS);
        try {
            metrics.close();
        } catch (ScopeCloseException e) {
            throw new IllegalStateException("Cannot report the last metrics of the Temporal client", e);
        }
    }
}
