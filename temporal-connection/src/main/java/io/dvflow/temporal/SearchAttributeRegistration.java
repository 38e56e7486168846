package io.dvflow.temporal;

import io.dvflow.workflows.SearchAttributes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.ListSearchAttributesRequest;
import io.temporal.serviceclient.OperatorServiceStubs;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the search attributes of operations known to the Temporal namespace, which refuses to start workflows with
 * unknown ones. Worker and bridge both do it: either may be the first to be there.
 */
public final class SearchAttributeRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(SearchAttributeRegistration.class);

    /** What a server says that keeps such things to its administrators. */
    private static final Set<Status.Code> NOT_OURS_TO_DO =
            EnumSet.of(Status.Code.PERMISSION_DENIED, Status.Code.UNAUTHENTICATED, Status.Code.UNIMPLEMENTED);

    private final TemporalConnection connection;
    private volatile boolean done;

    /** The connection stays the caller's to close. */
    public SearchAttributeRegistration(TemporalConnection connection) {
        this.connection = connection;
    }

    /**
     * Adds those that are missing. Once this has worked, it does nothing until {@link #forget}; a server that does not
     * allow it counts as done, since then somebody else has to.
     *
     * @throws StatusRuntimeException when Temporal does not answer; try again then
     */
    public void ensure() {
        if (done) {
            return;
        }
        OperatorServiceStubs operator = connection.operator();
        try {
            addMissing(operator);
        } catch (StatusRuntimeException e) {
            if (!NOT_OURS_TO_DO.contains(e.getStatus().getCode())) {
                throw e;
            }
            LOG.warn(
                    "Temporal does not let this process add search attributes ({}). Operations wait until namespace {}"
                            + " has these, each of type Keyword: {}",
                    TemporalConnection.inWords(e),
                    connection.namespace(),
                    names());
        } finally {
            operator.shutdownNow();
            operator.awaitTermination(1, TimeUnit.SECONDS);
        }
        done = true;
    }

    /** They may be missing again, as in a Temporal that lost its data. */
    public void forget() {
        done = false;
    }

    private void addMissing(OperatorServiceStubs operator) {
        Set<String> present = operator.blockingStub()
                .listSearchAttributes(ListSearchAttributesRequest.newBuilder()
                        .setNamespace(connection.namespace())
                        .build())
                .getCustomAttributesMap()
                .keySet();
        List<String> missing =
                names().stream().filter(name -> !present.contains(name)).toList();
        if (missing.isEmpty()) {
            return;
        }
        var request = AddSearchAttributesRequest.newBuilder().setNamespace(connection.namespace());
        missing.forEach(name -> request.putSearchAttributes(name, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD));
        try {
            operator.blockingStub().addSearchAttributes(request.build());
            LOG.info("Added search attributes to namespace {}: {}", connection.namespace(), missing);
        } catch (StatusRuntimeException e) {
            // Another process that starts at the same time was faster.
            if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
        }
    }

    private static List<String> names() {
        return SearchAttributes.ALL.stream().map(key -> key.getName()).toList();
    }
}
