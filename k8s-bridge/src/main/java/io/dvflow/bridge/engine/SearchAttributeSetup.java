package io.dvflow.bridge.engine;

import io.dvflow.temporal.TemporalConnection;
import io.dvflow.workflows.SearchAttributes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.api.operatorservice.v1.AddSearchAttributesRequest;
import io.temporal.api.operatorservice.v1.OperatorServiceGrpc;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the search attributes of operations known to Temporal, which refuses to start workflows with unknown ones. */
final class SearchAttributeSetup {

    private static final Logger LOG = LoggerFactory.getLogger(SearchAttributeSetup.class);

    /** What a server says that keeps such things to its administrators. */
    private static final Set<Status.Code> NOT_OURS_TO_DO =
            EnumSet.of(Status.Code.PERMISSION_DENIED, Status.Code.UNAUTHENTICATED, Status.Code.UNIMPLEMENTED);

    private final TemporalConnection connection;
    private volatile boolean done;

    SearchAttributeSetup(TemporalConnection connection) {
        this.connection = connection;
    }

    /** Adds those that are missing, once. */
    void ensure() {
        if (done) {
            return;
        }
        try {
            add();
        } catch (StatusRuntimeException e) {
            if (!NOT_OURS_TO_DO.contains(e.getStatus().getCode())
                    && e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
                throw e;
            }
            LOG.info(
                    "Temporal does not let the bridge add search attributes ({}). Unless they exist, add those of type"
                            + " Keyword: {}",
                    e.getStatus(),
                    names());
        }
        done = true;
    }

    /** They may be missing again. */
    void forget() {
        done = false;
    }

    private void add() {
        var request = AddSearchAttributesRequest.newBuilder().setNamespace(connection.namespace());
        SearchAttributes.ALL.forEach(
                key -> request.putSearchAttributes(key.getName(), IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD));
        OperatorServiceGrpc.newBlockingStub(connection.stubs().getRawChannel()).addSearchAttributes(request.build());
    }

    private static String names() {
        return SearchAttributes.ALL.stream().map(key -> key.getName()).collect(Collectors.joining(", "));
    }
}
