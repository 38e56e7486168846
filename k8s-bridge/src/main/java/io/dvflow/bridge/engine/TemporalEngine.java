package io.dvflow.bridge.engine;

import com.google.protobuf.util.Timestamps;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.temporal.SearchAttributeRegistration;
import io.dvflow.temporal.TemporalConnection;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.SearchAttributes;
import io.dvflow.workflows.TaskQueues;
import io.dvflow.workflows.WorkflowIds;
import io.dvflow.workflows.cleanup.CleanUpWorkflow;
import io.dvflow.workflows.import_.ImportWorkflow;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.TaskQueueType;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.api.taskqueue.v1.PollerInfo;
import io.temporal.api.taskqueue.v1.TaskQueue;
import io.temporal.api.workflowservice.v1.DescribeTaskQueueRequest;
import io.temporal.client.UpdateOptions;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.client.WorkflowUpdateStage;
import io.temporal.common.Priority;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Temporal itself. */
public final class TemporalEngine implements WorkflowEngine, AutoCloseable {

    /** The SDK retries a call that does not get through for a minute unless a deadline stops it. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    /** An update is taken by a worker, which may have to replay the workflow first. */
    private static final Duration UPDATE_DEADLINE = Duration.ofSeconds(20);

    /** A poll lasts a minute at most, so a poller not seen for longer is gone; the server remembers it for five. */
    private static final Duration POLLER_GONE_AFTER = Duration.ofSeconds(90);

    private static final String OPEN_IMPORTS =
            "ExecutionStatus = 'Running' AND WorkflowType = 'Import' AND TaskQueue = '" + TaskQueues.CONTROL + "'";
    private static final int LONGEST_SUMMARY = 200;

    private final TemporalConnection connection;
    private final WorkflowClient client;
    private final InstantSource clock;
    private final SearchAttributeRegistration searchAttributes;
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("temporal deadlines").factory());

    /** The connection stays the caller's to close. */
    public TemporalEngine(TemporalConnection connection, InstantSource clock) {
        this.connection = connection;
        this.client = connection.client();
        this.clock = clock;
        this.searchAttributes = new SearchAttributeRegistration(connection);
    }

    @Override
    public Execution describeImport(OperationRef object) {
        return within(DEADLINE, "describe the import of " + object, () -> {
            try {
                var description = importOf(object).describe();
                if (isRunning(description)) {
                    return new Execution.Running(description
                            .getRawDescription()
                            .getWorkflowExtendedInfo()
                            .getCancelRequested());
                }
                return new Execution.Closed(inWords(description.getStatus()));
            } catch (WorkflowNotFoundException e) {
                return isBeingCleanedUp(object) ? new Execution.BeingCleanedUp() : new Execution.NotFound();
            }
        });
    }

    private boolean isBeingCleanedUp(OperationRef object) {
        try {
            return isRunning(
                    client.newUntypedWorkflowStub(WorkflowIds.cleanUpOf(object)).describe());
        } catch (WorkflowNotFoundException e) {
            return false;
        }
    }

    private static boolean isRunning(WorkflowExecutionDescription description) {
        return description.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    }

    private static String inWords(WorkflowExecutionStatus status) {
        return status.name()
                .replace("WORKFLOW_EXECUTION_STATUS_", "")
                .toLowerCase(Locale.ROOT)
                .replace('_', ' ');
    }

    @Override
    public void startImport(OperationRef object, String source) {
        WorkflowOptions options = optionsFor(object)
                .setWorkflowId(WorkflowIds.importOf(object))
                .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE)
                .setTypedSearchAttributes(io.temporal.common.SearchAttributes.newBuilder()
                        .set(SearchAttributes.NAMESPACE, object.namespace())
                        .set(SearchAttributes.NAME, object.name())
                        .set(SearchAttributes.OPERATION, "import")
                        .set(SearchAttributes.PHASE, DataVolumePhase.PENDING.wireName())
                        .set(SearchAttributes.SOURCE, source)
                        .build())
                .setStaticSummary(
                        shortened("import %s/%s from %s".formatted(object.namespace(), object.name(), source)))
                .build();
        try {
            within(DEADLINE, "start the import of " + object, () -> {
                searchAttributes.ensure();
                WorkflowClient.start(client.newWorkflowStub(ImportWorkflow.class, options)::run, object);
                return null;
            });
        } catch (WorkflowExecutionAlreadyStarted e) {
            // It has run and is closed; the next look at it decides what that means.
        } catch (EngineRefusedException e) {
            // A Temporal that lost its data lost the search attributes as well.
            searchAttributes.forget();
            throw e;
        }
    }

    @Override
    public void startCleanUp(OperationRef object, String reason) {
        WorkflowOptions options = optionsFor(object)
                .setWorkflowId(WorkflowIds.cleanUpOf(object))
                .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                .setTypedSearchAttributes(io.temporal.common.SearchAttributes.newBuilder()
                        .set(SearchAttributes.NAMESPACE, object.namespace())
                        .set(SearchAttributes.NAME, object.name())
                        .set(SearchAttributes.OPERATION, "clean-up")
                        .build())
                .setStaticSummary(shortened("clean up %s/%s".formatted(object.namespace(), object.name())))
                .setStaticDetails(reason)
                .build();
        within(DEADLINE, "start the clean-up of " + object, () -> {
            WorkflowClient.start(client.newWorkflowStub(CleanUpWorkflow.class, options)::run, object, reason);
            return null;
        });
    }

    /** One tenant's thousand disks shall not keep another's waiting: the namespace is the fairness key. */
    private static WorkflowOptions.Builder optionsFor(OperationRef object) {
        return WorkflowOptions.newBuilder()
                .setTaskQueue(TaskQueues.CONTROL)
                .setWorkflowIdConflictPolicy(WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING)
                .setPriority(
                        Priority.newBuilder().setFairnessKey(object.namespace()).build());
    }

    private static String shortened(String summary) {
        return summary.length() <= LONGEST_SUMMARY ? summary : summary.substring(0, LONGEST_SUMMARY - 3) + "...";
    }

    @Override
    public void cancelImport(OperationRef object, String reason) {
        within(DEADLINE, "cancel the import of " + object, () -> {
            try {
                importOf(object).cancel(reason);
            } catch (WorkflowNotFoundException e) {
                // Ended already, which is what was wanted.
            }
            return null;
        });
    }

    @Override
    public void tell(OperationRef object, Message message) {
        within(UPDATE_DEADLINE, "tell the import of " + object + " " + message.updateId(), () -> {
            try {
                switch (message) {
                    case Message.TellIntent(var intent) -> update(object, message, "intent", intent);
                    case Message.TellConsumer(var consumer) -> update(object, message, "consumerArrived", consumer);
                    case Message.TellCheckpoints(var generation) ->
                        update(object, message, "checkpointsChanged", generation);
                }
            } catch (WorkflowUpdateException e) {
                // Refused by the validator: it knows already. That is the rule after a restart of the bridge.
            } catch (WorkflowNotFoundException e) {
                // Ended meanwhile: there is nobody left to tell.
            }
            return null;
        });
    }

    private void update(OperationRef object, Message message, String name, Object argument) {
        importOf(object)
                .startUpdate(
                        UpdateOptions.newBuilder(Void.class)
                                .setUpdateName(name)
                                .setUpdateId(message.updateId())
                                .setWaitForStage(WorkflowUpdateStage.ACCEPTED)
                                .build(),
                        argument);
    }

    @Override
    public List<OperationRef> openImports() {
        return within(UPDATE_DEADLINE, "list the open imports", () -> {
            try (var executions = client.listExecutions(OPEN_IMPORTS)) {
                return executions
                        .map(execution -> execution.getExecution().getWorkflowId())
                        .map(WorkflowIds::importedObject)
                        .flatMap(Optional::stream)
                        .toList();
            }
        });
    }

    @Override
    public boolean workersPoll() {
        return within(DEADLINE, "say who polls " + TaskQueues.CONTROL, this::aPollerIsAlive);
    }

    private boolean aPollerIsAlive() {
        Instant oldest = clock.instant().minus(POLLER_GONE_AFTER);
        return connection
                .stubs()
                .blockingStub()
                .describeTaskQueue(DescribeTaskQueueRequest.newBuilder()
                        .setNamespace(connection.namespace())
                        .setTaskQueue(TaskQueue.newBuilder().setName(TaskQueues.CONTROL))
                        .setTaskQueueType(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
                        .build())
                .getPollersList()
                .stream()
                .map(PollerInfo::getLastAccessTime)
                .anyMatch(seen -> Timestamps.toMillis(seen) > oldest.toEpochMilli());
    }

    private WorkflowStub importOf(OperationRef object) {
        return client.newUntypedWorkflowStub(WorkflowIds.importOf(object));
    }

    private <T> T within(Duration deadline, String doing, Supplier<T> call) {
        try (Context.CancellableContext context =
                Context.current().withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS, deadlines)) {
            return context.call(call::get);
        } catch (WorkflowServiceException e) {
            throw e.getCause() instanceof StatusRuntimeException status
                    ? failure(doing, status)
                    : new EngineUnavailableException(doing, e.getMessage(), e);
        } catch (StatusRuntimeException e) {
            throw failure(doing, e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("Asking Temporal to " + doing, e);
        }
    }

    private static RuntimeException failure(String doing, StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED, FAILED_PRECONDITION, UNIMPLEMENTED ->
                new EngineRefusedException(doing, e);
            default -> new EngineUnavailableException(doing, TemporalConnection.inWords(e), e);
        };
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
    }
}
