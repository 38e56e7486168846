package io.dvflow.temporal;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc.HealthImplBase;
import io.grpc.stub.StreamObserver;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.AddSearchAttributesResponse;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesResponse;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc.OperatorServiceImplBase;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.api.workflowservice.v1.DescribeNamespaceResponse;
import io.temporal.api.workflowservice.v1.GetSystemInfoRequest;
import io.temporal.api.workflowservice.v1.GetSystemInfoResponse;
import io.temporal.api.workflowservice.v1.WorkflowServiceGrpc.WorkflowServiceImplBase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** As much of a Temporal frontend behind TLS as a first contact needs; it remembers what it was sent. */
final class RecordingServer implements AutoCloseable {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> NAMESPACE =
            Metadata.Key.of("temporal-namespace", Metadata.ASCII_STRING_MARSHALLER);

    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile boolean refusing;
    private Server server;

    private RecordingServer() {}

    /** One call, with all values of the headers that matter. */
    record Call(String method, List<String> authorization, List<String> namespace, boolean overTls) {}

    static RecordingServer start(Path certificate, Path key) throws IOException {
        var recording = new RecordingServer();
        recording.server = Grpc.newServerBuilderForPort(
                        0, TlsServerCredentials.create(certificate.toFile(), key.toFile()))
                .addService(new Workflows())
                .addService(new Administration())
                .addService(new Health())
                .intercept(recording.new Recorder())
                .build()
                .start();
        return recording;
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    List<Call> calls() {
        return calls;
    }

    /** Whatever key is sent from now on is not good enough. */
    void refuse() {
        refusing = true;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Recorder implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            calls.add(new Call(
                    call.getMethodDescriptor().getBareMethodName(),
                    all(headers, AUTHORIZATION),
                    all(headers, NAMESPACE),
                    call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION) != null));
            if (refusing) {
                call.close(Status.UNAUTHENTICATED.withDescription("Request unauthorized."), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    private static List<String> all(Metadata headers, Metadata.Key<String> key) {
        Iterable<String> values = headers.getAll(key);
        return (values == null ? Stream.<String>empty() : StreamSupport.stream(values.spliterator(), false)).toList();
    }

    private static <T> void answer(StreamObserver<T> to, T answer) {
        to.onNext(answer);
        to.onCompleted();
    }

    private static final class Workflows extends WorkflowServiceImplBase {
        @Override
        public void getSystemInfo(GetSystemInfoRequest request, StreamObserver<GetSystemInfoResponse> answers) {
            answer(answers, GetSystemInfoResponse.getDefaultInstance());
        }

        @Override
        public void describeNamespace(
                DescribeNamespaceRequest request, StreamObserver<DescribeNamespaceResponse> answers) {
            answer(answers, DescribeNamespaceResponse.getDefaultInstance());
        }
    }

    private static final class Administration extends OperatorServiceImplBase {
        @Override
        public void listSearchAttributes(
                ListSearchAttributesRequest request, StreamObserver<ListSearchAttributesResponse> answers) {
            answer(answers, ListSearchAttributesResponse.getDefaultInstance());
        }

        @Override
        public void addSearchAttributes(
                AddSearchAttributesRequest request, StreamObserver<AddSearchAttributesResponse> answers) {
            answer(answers, AddSearchAttributesResponse.getDefaultInstance());
        }
    }

    private static final class Health extends HealthImplBase {
        @Override
        public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answers) {
            answer(
                    answers,
                    HealthCheckResponse.newBuilder()
                            .setStatus(HealthCheckResponse.ServingStatus.SERVING)
                            .build());
        }
    }
}
