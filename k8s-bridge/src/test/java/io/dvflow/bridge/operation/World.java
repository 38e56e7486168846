package io.dvflow.bridge.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.bridge.engine.EngineUnavailableException;
import io.dvflow.bridge.engine.Execution;
import io.dvflow.bridge.engine.Message;
import io.dvflow.bridge.engine.WorkflowEngine;
import io.dvflow.workflows.OperationRef;
import io.dvflow.workflows.WorkflowIds;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A small model of API server, Temporal and workers around one name, that refuses what must never happen. The watch may
 * lag: what the bridge sees is what it was told last.
 */
final class World implements DataVolumeStore, WorkflowEngine {

    static final String NAMESPACE = "vms";
    static final String NAME = "disk";

    private final Map<OperationRef, Execution> imports = new HashMap<>();
    private final Set<OperationRef> cleanUps = new HashSet<>();
    private final Set<OperationRef> ended = new HashSet<>();
    private final List<Message> messages = new ArrayList<>();
    private Optional<DataVolume> object = Optional.empty();
    private Optional<DataVolume> cache = Optional.empty();
    private int versions;
    private int uids;
    private boolean temporalUp = true;

    // What people do.

    void create() {
        if (object.isEmpty()) {
            var created = new DataVolume();
            created.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(NAMESPACE)
                    .withName(NAME)
                    .withUid("uid-" + ++uids)
                    .withAnnotations(new HashMap<>())
                    .withFinalizers(new ArrayList<>())
                    .build());
            created.setSpec(new DataVolumeSpec(
                    DataVolumeSource.of(new BlankSource()), null, null, null, null, null, null, null, null, null));
            store(created);
        }
    }

    void annotate(String key, String value) {
        object.ifPresent(found -> {
            found.getMetadata().getAnnotations().put(key, value);
            store(found);
        });
    }

    void delete() {
        object.ifPresent(found -> {
            found.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z");
            store(found);
        });
    }

    void takeFinalizerOffByHand() {
        object.ifPresent(this::dropFinalizer);
    }

    void terminateInTemporal() {
        current().filter(this::isRunning).ifPresent(ref -> imports.put(ref, new Execution.Closed("terminated")));
    }

    // What time brings.

    void watchCatchesUp() {
        cache = object.map(World::copy);
    }

    void temporalGoesAway() {
        temporalUp = false;
    }

    void temporalComesBack() {
        temporalUp = true;
    }

    void temporalForgetsWhatIsClosed() {
        imports.values().removeIf(Execution.Closed.class::isInstance);
    }

    void temporalLosesEverything() {
        imports.clear();
        cleanUps.clear();
    }

    /** Workers carry on with everything that is open, one step. */
    void workersWork() {
        for (OperationRef ref : List.copyOf(imports.keySet())) {
            if (imports.get(ref) instanceof Execution.Running(boolean cancelRequested) && cancelRequested) {
                endOn(ref, DvflowAnnotations.OUTCOME_CANCELLED);
                imports.put(ref, new Execution.Closed("canceled"));
            }
        }
        for (OperationRef ref : List.copyOf(cleanUps)) {
            endOn(ref, DvflowAnnotations.OUTCOME_CANCELLED);
            cleanUps.remove(ref);
        }
    }

    void importSucceeds() {
        current().filter(this::isRunning).ifPresent(ref -> {
            object.filter(found -> found.getMetadata().getDeletionTimestamp() == null)
                    .ifPresent(found ->
                            found.setStatus(new DataVolumeStatus(null, "Succeeded", "100.0%", null, List.of())));
            endOn(ref, DvflowAnnotations.OUTCOME_SUCCEEDED);
            imports.put(ref, new Execution.Closed("completed"));
        });
    }

    private void endOn(OperationRef ref, String outcome) {
        objectOf(ref).ifPresent(found -> {
            if (found.getMetadata().getDeletionTimestamp() == null) {
                found.getMetadata().getAnnotations().putIfAbsent(DvflowAnnotations.OUTCOME, outcome);
                ended.add(ref);
            }
            dropFinalizer(found);
        });
    }

    private void dropFinalizer(DataVolume found) {
        found.getMetadata().getFinalizers().remove(Finalizers.OPERATION);
        store(found);
    }

    private void store(DataVolume changed) {
        changed.getMetadata().setResourceVersion(Integer.toString(++versions));
        boolean gone = changed.getMetadata().getDeletionTimestamp() != null
                && changed.getMetadata().getFinalizers().isEmpty();
        object = gone ? Optional.empty() : Optional.of(changed);
    }

    // What is asked of it.

    Optional<OperationRef> current() {
        return object.map(Subject::refOf);
    }

    Set<OperationRef> everStarted() {
        return imports.keySet();
    }

    Optional<DataVolume> object() {
        return object;
    }

    boolean isRunning(OperationRef ref) {
        return imports.get(ref) instanceof Execution.Running;
    }

    List<Message> messages() {
        return messages;
    }

    private Optional<DataVolume> objectOf(OperationRef ref) {
        return object.filter(found -> Subject.refOf(found).equals(ref));
    }

    private static DataVolume copy(DataVolume original) {
        var copy = new DataVolume();
        copy.setMetadata(new ObjectMetaBuilder(original.getMetadata()).build());
        copy.getMetadata().setAnnotations(new HashMap<>(original.getMetadata().getAnnotations()));
        copy.getMetadata().setFinalizers(new ArrayList<>(original.getMetadata().getFinalizers()));
        copy.setSpec(original.getSpec());
        copy.setStatus(original.getStatus());
        return copy;
    }

    // DataVolumeStore

    @Override
    public Optional<DataVolume> cached(OperationRef ref) {
        return cache;
    }

    @Override
    public Optional<DataVolume> live(OperationRef ref) {
        return object.map(World::copy);
    }

    @Override
    public Optional<PersistentVolumeClaim> claimOf(OperationRef ref) {
        return Optional.empty();
    }

    @Override
    public void mark(Subject.Present observed) {
        DataVolume found = asObserved(observed);
        found.getMetadata().getFinalizers().add(Finalizers.OPERATION);
        found.getMetadata().getAnnotations().put(DvflowAnnotations.WORKFLOW_ID, WorkflowIds.importOf(observed.ref()));
        store(found);
    }

    @Override
    public void release(Subject.Present observed) {
        DataVolume found = asObserved(observed);
        assertThat(found.getMetadata().getAnnotations())
                .as("released without being asked to")
                .containsEntry(DvflowAnnotations.FORCE_RELEASE, "true");
        dropFinalizer(found);
    }

    @Override
    public void writeConditions(Subject.Present observed, BridgeConditions conditions) {
        if (objectOf(observed.ref()).isEmpty()) {
            throw new KubernetesClientException("gone", 404, null);
        }
    }

    private DataVolume asObserved(Subject.Present observed) {
        return objectOf(observed.ref())
                .filter(found -> found.getMetadata().getResourceVersion().equals(observed.version()))
                .orElseThrow(() -> new KubernetesClientException("changed", 409, null));
    }

    // WorkflowEngine

    @Override
    public Execution describeImport(OperationRef ref) {
        checkUp();
        return imports.getOrDefault(
                ref, cleanUps.contains(ref) ? new Execution.BeingCleanedUp() : new Execution.NotFound());
    }

    @Override
    public void startImport(OperationRef ref, String source) {
        checkUp();
        assertThat(ended).as("started again what had ended").doesNotContain(ref);
        objectOf(ref)
                .ifPresent(found -> assertThat(found.getMetadata().getFinalizers())
                        .as("started what nothing would clean up after")
                        .contains(Finalizers.OPERATION));
        imports.putIfAbsent(ref, new Execution.Running(false));
    }

    @Override
    public void cancelImport(OperationRef ref, String reason) {
        checkUp();
        objectOf(ref)
                .ifPresent(found -> assertThat(found.getMetadata().getDeletionTimestamp())
                        .as("cancelled an import whose object is wanted")
                        .isNotNull());
        if (isRunning(ref)) {
            imports.put(ref, new Execution.Running(true));
        }
    }

    @Override
    public void startCleanUp(OperationRef ref, String reason) {
        checkUp();
        assertThat(isRunning(ref)).as("cleaned up under a running import").isFalse();
        cleanUps.add(ref);
    }

    @Override
    public void tell(OperationRef ref, Message message) {
        checkUp();
        messages.add(message);
    }

    @Override
    public List<OperationRef> openImports() {
        checkUp();
        return imports.keySet().stream().filter(this::isRunning).toList();
    }

    @Override
    public boolean workersPoll() {
        checkUp();
        return true;
    }

    private void checkUp() {
        if (!temporalUp) {
            throw new EngineUnavailableException("do anything", "it is down", new IllegalStateException("down"));
        }
    }
}
