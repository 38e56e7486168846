package io.dvflow.bridge;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.temporal.TemporalConnection;
import io.dvflow.workflows.FailureTypes;
import io.dvflow.workflows.Intent;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.TaskQueues;
import io.dvflow.workflows.claim.ClaimActivities;
import io.dvflow.workflows.claim.ClaimState;
import io.dvflow.workflows.claim.ScratchSpace;
import io.dvflow.workflows.cleanup.CleanUpWorkflowImpl;
import io.dvflow.workflows.finish.FinishActivities;
import io.dvflow.workflows.finish.Outcome;
import io.dvflow.workflows.import_.ImportPlan;
import io.dvflow.workflows.import_.ImportWorkflowImpl;
import io.dvflow.workflows.import_.PlanActivities;
import io.dvflow.workflows.import_.Stages;
import io.dvflow.workflows.transfer.RateChange;
import io.dvflow.workflows.transfer.TransferActivities;
import io.dvflow.workflows.transfer.TransferProgress;
import io.dvflow.workflows.transfer.TransferReceipt;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.temporal.activity.Activity;
import io.temporal.failure.ApplicationFailure;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The real workflows with activities that move no bytes, but write on the object what the real ones write. A transfer
 * goes on until the test finishes it.
 */
final class WorkerForTests implements AutoCloseable {

    private final TemporalConnection connection;
    private final WorkerFactory factory;
    private final Map<String, CountDownLatch> transfers = new ConcurrentHashMap<>();
    private final Set<String> withoutConsumer = ConcurrentHashMap.newKeySet();
    private final Set<OperationRef> rateChanges = ConcurrentHashMap.newKeySet();

    WorkerForTests(TemporalConnection connection, KubernetesClient client) {
        this.connection = connection;
        this.factory = WorkerFactory.newInstance(connection.client());
        var steps = new Steps(client);
        // Cancellation reaches an activity with a heartbeat, and heartbeats are collected for this long.
        var options = WorkerOptions.newBuilder()
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(100))
                .build();
        var control = factory.newWorker(TaskQueues.CONTROL, options);
        control.registerWorkflowImplementationTypes(ImportWorkflowImpl.class, CleanUpWorkflowImpl.class);
        control.registerActivitiesImplementations(steps);
        factory.newWorker(TaskQueues.TRANSFER, options).registerActivitiesImplementations(steps);
        factory.start();
    }

    /** Lets the transfer for this object come to its end. */
    void finish(OperationRef object) {
        latch(object.uid()).countDown();
    }

    /** Makes the claim of the object with this name wait until it is told of a consumer. */
    void needConsumer(String name) {
        withoutConsumer.add(name);
    }

    /** Whether a transfer of the object was told to look at its rate. */
    boolean changedRateOf(OperationRef object) {
        return rateChanges.contains(object);
    }

    void consumerIsThere(String name) {
        withoutConsumer.remove(name);
    }

    private CountDownLatch latch(String uid) {
        return transfers.computeIfAbsent(uid, _ -> new CountDownLatch(1));
    }

    @Override
    public void close() {
        factory.shutdownNow();
        factory.awaitTermination(10, TimeUnit.SECONDS);
        connection.close();
    }

    private final class Steps implements PlanActivities, ClaimActivities, TransferActivities, FinishActivities {

        private final KubernetesClient client;

        Steps(KubernetesClient client) {
            this.client = client;
        }

        @Override
        public ImportPlan plan(OperationRef object) {
            DataVolume found = find(object)
                    .orElseThrow(() -> ApplicationFailure.newNonRetryableFailure("gone", FailureTypes.OBJECT_GONE));
            if (found instanceof AnnotatedClaim claim && claim.mistake().isPresent()) {
                throw ApplicationFailure.newBuilder()
                        .setType(FailureTypes.NEEDS_CHANGE)
                        .setMessage(claim.mistake().get().sentence())
                        .setNextRetryDelay(Duration.ofHours(1))
                        .build();
            }
            Map<String, String> annotations = found.getMetadata().getAnnotations();
            var intent = new Intent(
                    Long.parseLong(found.getMetadata().getResourceVersion()),
                    "true".equals(annotations.get(DvflowAnnotations.PAUSED)),
                    "true".equals(annotations.get(DvflowAnnotations.CANCELLED)),
                    Optional.ofNullable(annotations.get(DvflowAnnotations.RETRY)));
            return new ImportPlan(
                    object.name(),
                    ImportPlan.ClaimPath.DIRECT,
                    false,
                    "Filesystem",
                    "ReadWriteOnce",
                    Optional.empty(),
                    "http",
                    1,
                    1,
                    0,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    intent);
        }

        @Override
        public ClaimState prepare(OperationRef object, ImportPlan plan) {
            if (withoutConsumer.contains(object.name())) {
                writeStatus(object, "PendingPopulation");
                return ClaimState.AWAITS_CONSUMER;
            }
            writeStatus(object, "ImportScheduled");
            return ClaimState.READY_TO_FILL;
        }

        @Override
        public ScratchSpace prepareScratch(OperationRef object, ImportPlan plan, long bytes) {
            throw new UnsupportedOperationException("No transfer of these tests asks for scratch space");
        }

        @Override
        public void limitRate(OperationRef object, RateChange change) {
            rateChanges.add(object);
        }

        @Override
        public void handOver(OperationRef object, ImportPlan plan) {
            throw new IllegalStateException("Nothing is handed over on the direct path");
        }

        @Override
        public Stages nextStage(OperationRef object, ImportPlan plan) {
            throw new IllegalStateException("Nothing is copied in stages here");
        }

        @Override
        public TransferReceipt transfer(OperationRef object, ImportPlan plan, TransferProgress earlier) {
            writeStatus(object, "ImportInProgress");
            try {
                while (!latch(object.uid()).await(100, TimeUnit.MILLISECONDS)) {
                    Activity.getExecutionContext().heartbeat("moving bytes");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Activity.wrap(e);
            }
            return new TransferReceipt("Import Complete", "raw", 1, 1, 1, false, 0, List.of());
        }

        @Override
        public TransferProgress stop(
                OperationRef object, ImportPlan plan, TransferProgress earlier, StopReason reason) {
            return earlier;
        }

        @Override
        public void succeed(OperationRef object, ImportPlan plan, Optional<TransferReceipt> receipt) {
            writeStatus(object, "Succeeded");
            release(object, Outcome.SUCCEEDED);
        }

        @Override
        public void abandon(OperationRef object, Outcome outcome, String message) {
            release(object, outcome);
        }

        private Optional<DataVolume> find(OperationRef object) {
            Optional<DataVolume> found = switch (object.theKind()) {
                case DATA_VOLUME -> Optional.ofNullable(resource(object).get());
                case CLAIM -> Optional.ofNullable(claim(object).get()).map(AnnotatedClaim::of);
            };
            return found.filter(any -> any.getMetadata().getUid().equals(object.uid()));
        }

        private void writeStatus(OperationRef object, String phase) {
            if (object.theKind() == OperationRef.Kind.CLAIM) {
                claim(object)
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\":{\"uid\":\"%s\",\"annotations\":{\"%s\":\"{\\\"phase\\\":\\\"%s\\\"}\"}}}"
                                        .formatted(object.uid(), DvflowAnnotations.STATUS, phase));
                return;
            }
            resource(object)
                    .subresource("status")
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"uid\":\"%s\"},\"status\":{\"phase\":\"%s\"}}"
                                    .formatted(object.uid(), phase));
        }

        private void release(OperationRef object, Outcome outcome) {
            find(object).ifPresent(found -> {
                String others = found.getMetadata().getFinalizers().stream()
                        .filter(finalizer -> !finalizer.equals(Finalizers.OPERATION))
                        .map(finalizer -> '"' + finalizer + '"')
                        .collect(Collectors.joining(","));
                String patch = """
                                {"metadata":
                                  {"resourceVersion": "%s", "finalizers": [%s], "annotations": {"%s": "%s"}}}
                                """.formatted(
                                found.getMetadata().getResourceVersion(),
                                others,
                                DvflowAnnotations.OUTCOME,
                                outcome.wireName());
                switch (object.theKind()) {
                    case DATA_VOLUME -> resource(object).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
                    case CLAIM -> claim(object).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
                }
            });
        }

        private Resource<PersistentVolumeClaim> claim(OperationRef object) {
            return client.persistentVolumeClaims()
                    .inNamespace(object.namespace())
                    .withName(object.name());
        }

        private Resource<DataVolume> resource(OperationRef object) {
            return client.resources(DataVolume.class)
                    .inNamespace(object.namespace())
                    .withName(object.name());
        }
    }
}
