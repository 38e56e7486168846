package io.dvflow.temporal;

import com.uber.m3.tally.NoopScope;
import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import io.dvflow.workflows.OperationDataConverter;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.micrometer.core.instrument.MeterRegistry;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.envconfig.ClientConfigProfile;
import io.temporal.envconfig.LoadClientConfigProfileOptions;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A connection to Temporal as the standard {@code TEMPORAL_*} environment describes it: address, namespace, TLS and mTLS
 * files, API key, headers, or a profile in a configuration file; the same variables that the {@code temporal} command
 * takes. One variable is dvflow's own: {@code DVFLOW_TEMPORAL_API_KEY_FILE} names a file with the API key. Opening a
 * connection does not wait for the server: nothing of dvflow refuses to start because Temporal is away.
 */
public final class TemporalConnection implements AutoCloseable {

    /** One call, retries included; the SDK's own default would hold a caller for a minute while Temporal is away. */
    public static final Duration RPC_TIMEOUT = Duration.ofSeconds(10);

    private static final Metadata.Key<String> NAMESPACE =
            Metadata.Key.of("temporal-namespace", Metadata.ASCII_STRING_MARSHALLER);

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
        var transport = WorkflowServiceStubsOptions.newBuilder(transportOf(profile))
                .setMetricsScope(metrics)
                .setRpcTimeout(RPC_TIMEOUT);
        // A key without TLS would be everybody's.
        ApiKeyFile.named(environment).ifPresent(key -> transport.addApiKey(key).setEnableHttps(true));
        WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(transport.build());
        WorkflowClientOptions options = WorkflowClientOptions.newBuilder(profile.toWorkflowClientOptions())
                .setIdentity(identity)
                .setDataConverter(OperationDataConverter.create())
                .build();
        return new TemporalConnection(stubs, WorkflowClient.newInstance(stubs, options), metrics);
    }

    private static WorkflowServiceStubsOptions transportOf(ClientConfigProfile profile) {
        try {
            return profile.toWorkflowServiceStubsOptions();
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException(
                    "Cannot use the certificates and the key that the TEMPORAL_TLS_* variables name: " + cause, e);
        }
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

    /** Calls carry the namespace in their headers, by which servers that many share know whom to let in. */
    public WorkflowServiceStubs stubs() {
        return client.getWorkflowServiceStubs();
    }

    /** The service for administrators, over the same connection and with the same credentials. The caller closes it. */
    OperatorServiceStubs operator() {
        WorkflowServiceStubsOptions options = stubs.getOptions();
        Metadata headers = new Metadata();
        headers.merge(options.getHeaders());
        headers.put(NAMESPACE, namespace());
        return OperatorServiceStubs.newServiceStubs(OperatorServiceStubsOptions.newBuilder()
                .setChannel(stubs.getRawChannel())
                .setHeaders(headers)
                .setGrpcMetadataProviders(options.getGrpcMetadataProviders())
                .setMetricsScope(options.getMetricsScope())
                .setRpcTimeout(RPC_TIMEOUT)
                .build());
    }

    public String namespace() {
        return client.getOptions().getNamespace();
    }

    /** Host and port, for people. */
    public String address() {
        return stubs.getOptions().getTarget();
    }

    /** Asks the server whether it serves, as long as one health check may take; empty when it does, else why not. */
    public Optional<String> trouble() {
        try {
            ServingStatus status = stubs.healthCheck().getStatus();
            return status == ServingStatus.SERVING ? Optional.empty() : Optional.of("it says " + status);
        } catch (StatusRuntimeException e) {
            return Optional.of(inWords(e));
        }
    }

    /** Why a call to Temporal failed, for people: what was found, what is expected and which setting says so. */
    public static String inWords(StatusRuntimeException e) {
        return Trouble.inWords(e);
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
