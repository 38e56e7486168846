package io.dvflow.worker;

import io.dvflow.temporal.TemporalConnection;
import io.dvflow.workflows.SearchAttributes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.serviceclient.OperatorServiceStubs;
import io.temporal.serviceclient.OperatorServiceStubsOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the search attributes of operations known to the Temporal namespace. */
final class SearchAttributeRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(SearchAttributeRegistration.class);

    private static final Set<Status.Code> NOT_FOR_US =
            Set.of(Status.Code.PERMISSION_DENIED, Status.Code.UNIMPLEMENTED, Status.Code.UNAUTHENTICATED);

    private SearchAttributeRegistration() {}

    /** @throws StatusRuntimeException when Temporal does not answer; try again then */
    static void register(TemporalConnection connection) {
        OperatorServiceStubs operator = OperatorServiceStubs.newServiceStubs(
                OperatorServiceStubsOptions.newBuilder(connection.stubs().getOptions())
                        .build());
        try {
            addMissing(operator, connection.namespace());
        } catch (StatusRuntimeException e) {
            if (!NOT_FOR_US.contains(e.getStatus().getCode())) {
                throw e;
            }
            LOG.warn(
                    "This Temporal does not let the worker create search attributes ({}). Workflows wait until these "
                            + "exist in namespace {}, each of type Keyword: {}",
                    e.getStatus().getCode(),
                    connection.namespace(),
                    names());
        } finally {
            operator.shutdownNow();
            operator.awaitTermination(1, TimeUnit.SECONDS);
        }
    }

    private static void addMissing(OperatorServiceStubs operator, String namespace) {
        Set<String> present = operator.blockingStub()
                .listSearchAttributes(ListSearchAttributesRequest.newBuilder()
                        .setNamespace(namespace)
                        .build())
                .getCustomAttributesMap()
                .keySet();
        AddSearchAttributesRequest.Builder request =
                AddSearchAttributesRequest.newBuilder().setNamespace(namespace);
        names().stream()
                .filter(name -> !present.contains(name))
                .forEach(name -> request.putSearchAttributes(name, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD));
        if (request.getSearchAttributesCount() == 0) {
            return;
        }
        try {
            operator.blockingStub().addSearchAttributes(request.build());
            LOG.info("Created search attributes in namespace {}: {}", namespace, names());
        } catch (StatusRuntimeException e) {
            // Another worker that starts at the same time was faster.
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private static List<String> names() {
        return SearchAttributes.ALL.stream().map(key -> key.getName()).toList();
    }
}
