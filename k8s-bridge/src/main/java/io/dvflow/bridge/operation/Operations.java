package io.dvflow.bridge.operation;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import io.dvflow.bridge.engine.EngineHealth;
import io.dvflow.bridge.engine.WorkflowEngine;
import io.dvflow.bridge.queue.Backoff;
import io.dvflow.bridge.queue.RateLimit;
import io.dvflow.bridge.queue.ReconcileLoop;
import io.dvflow.bridge.queue.ReconcileQueue;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * Watches DataVolumes and claims, and keeps each operation's workflow in step with its object: a DataVolume, or a claim that
 * asks for an import itself.
 */
public final class Operations implements AutoCloseable {

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(60);
    private static final double LOOKS_PER_SECOND = 50;
    private static final int LOOKS_AT_ONCE = 100;
    private static final int PARALLEL = 16;

    /** A look at every object is spread over this time, so that it does not come as one wave. */
    private static final Duration SPREAD = Duration.ofSeconds(30);

    private final ReconcileQueue<OperationRef> queue;
    private final SharedIndexInformer<DataVolume> dataVolumes;
    private final SharedIndexInformer<PersistentVolumeClaim> claims;
    private final ExecutorService messages = Executors.newVirtualThreadPerTaskExecutor();
    private final Messenger messenger;
    private final AnnotatedClaims annotatedClaims;
    private final DataVolumeStore store;
    private final ReconcileLoop<OperationRef> loop;

    public Operations(KubernetesClient client, WorkflowEngine engine, EngineHealth health, InstantSource clock) {
        this.queue =
                new ReconcileQueue<>(new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF, RandomGenerator.getDefault()), clock);
        this.dataVolumes = client.resources(DataVolume.class).inAnyNamespace().runnableInformer(0);
        // All of them: nothing but its annotations tells a claim that asks for an import from any other.
        this.claims = client.persistentVolumeClaims().inAnyNamespace().runnableInformer(0);
        this.messenger = new Messenger(engine, messages, clock, new Messenger.Listener() {
            @Override
            public void told(OperationRef ref) {
                queue.add(ref);
            }

            @Override
            public void failed(OperationRef ref) {
                queue.retry(ref);
            }
        });
        this.annotatedClaims = new AnnotatedClaims(client, claims.getStore(), clock);
        this.store = new ObjectsByKind(
                new KubernetesDataVolumes(client, dataVolumes.getStore(), claims.getStore(), clock), annotatedClaims);
        this.loop = new ReconcileLoop<>(
                "DataVolume",
                queue,
                new RateLimit(LOOKS_PER_SECOND, LOOKS_AT_ONCE, clock),
                new OperationReconciler(store, engine, health, messenger, clock),
                PARALLEL);
        dataVolumes.addEventHandler(new DataVolumeEvents());
        claims.addEventHandler(new ClaimEvents());
        health.onChange(_ -> lookAtAllOpen());
    }

    /** Returns when the objects are known; looks at all of them from then on. */
    public void start() {
        claims.run();
        dataVolumes.run();
        loop.start();
    }

    /** Whether what is known of the objects follows what happens to them. */
    public boolean isWatching() {
        return dataVolumes.hasSynced() && dataVolumes.isRunning() && claims.hasSynced() && claims.isRunning();
    }

    /** Looks at every object soon, whether something happened to it or not. */
    public void lookAtAll() {
        lookAt(_ -> true, SPREAD);
    }

    private void lookAtAllOpen() {
        lookAt(dataVolume -> !DataVolumePhase.of(dataVolume).isTerminal(), Duration.ZERO);
    }

    private void lookAt(Predicate<DataVolume> which, Duration within) {
        Stream.concat(dataVolumes.getStore().list().stream(), annotatedClaims.all().stream())
                .filter(which)
                .map(Subject::refOf)
                .forEach(ref -> queue.addWithin(ref, within));
    }

    /** Whether the object is there, this very one; asks the API server unless the watch has told. */
    public boolean exists(OperationRef ref) {
        return isThere(ref, store.cached(ref)) || isThere(ref, store.live(ref));
    }

    private static boolean isThere(OperationRef ref, Optional<DataVolume> found) {
        return found.map(Subject::refOf).filter(ref::equals).isPresent();
    }

    /** Objects that want a look now. */
    public int queueDepth() {
        return queue.depth();
    }

    /** Objects in this phase. */
    public long countIn(DataVolumePhase phase) {
        return dataVolumes.getStore().list().stream()
                .filter(dataVolume -> DataVolumePhase.of(dataVolume) == phase)
                .count();
    }

    @Override
    public void close() {
        dataVolumes.stop();
        claims.stop();
        loop.close();
        messages.shutdownNow();
    }

    /** Also of claims that ask for an import, as {@link ClaimEvents} sees them. */
    private final class DataVolumeEvents implements ResourceEventHandler<DataVolume> {
        @Override
        public void onAdd(DataVolume added) {
            queue.add(Subject.refOf(added));
        }

        @Override
        public void onUpdate(DataVolume before, DataVolume now) {
            OperationRef ref = Subject.refOf(now);
            if (!Subject.refOf(before).equals(ref)) {
                // Deleted and made anew while the watch was broken: two operations.
                queue.add(Subject.refOf(before));
                queue.add(ref);
                return;
            }
            var intent = Subject.intentOf(now);
            if (!Subject.intentOf(before).asksTheSameAs(intent)) {
                messenger.intentChanged(ref, intent.observedVersion());
            }
            if (!Relevant.of(before).equals(Relevant.of(now))) {
                queue.add(ref);
            }
        }

        @Override
        public void onDelete(DataVolume deleted, boolean stateUnknown) {
            queue.add(Subject.refOf(deleted));
        }
    }

    private final class ClaimEvents implements ResourceEventHandler<PersistentVolumeClaim> {

        private final DataVolumeEvents asObjects = new DataVolumeEvents();

        @Override
        public void onAdd(PersistentVolumeClaim added) {
            lookAtOwner(added);
            AnnotatedClaims.seen(added).ifPresent(asObjects::onAdd);
        }

        @Override
        public void onUpdate(PersistentVolumeClaim before, PersistentVolumeClaim now) {
            Optional<DataVolume> seenBefore = AnnotatedClaims.seen(before);
            Optional<DataVolume> seenNow = AnnotatedClaims.seen(now);
            if (seenBefore.isPresent() && seenNow.isPresent()) {
                asObjects.onUpdate(seenBefore.get(), seenNow.get());
            } else {
                seenBefore.or(() -> seenNow).map(Subject::refOf).ifPresent(queue::add);
            }
            if (!Consumer.of(before).equals(Consumer.of(now))) {
                lookAtOwner(now);
                seenNow.map(Subject::refOf).ifPresent(queue::add);
            }
        }

        @Override
        public void onDelete(PersistentVolumeClaim deleted, boolean stateUnknown) {
            // Of others, the workflow looks after them; a claim that is gone has no consumer to tell about.
            AnnotatedClaims.seen(deleted).map(Subject::refOf).ifPresent(queue::add);
        }

        private void lookAtOwner(PersistentVolumeClaim claim) {
            if (Consumer.of(claim).isPresent()) {
                OwnedClaims.ownerOf(claim).ifPresent(queue::add);
            }
        }
    }
}
