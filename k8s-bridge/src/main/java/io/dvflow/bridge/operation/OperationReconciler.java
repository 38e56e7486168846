package io.dvflow.bridge.operation;

import io.dvflow.bridge.engine.EngineHealth;
import io.dvflow.bridge.engine.EngineState;
import io.dvflow.bridge.engine.EngineUnavailableException;
import io.dvflow.bridge.engine.Execution;
import io.dvflow.bridge.engine.WorkflowEngine;
import io.dvflow.bridge.queue.Next;
import io.dvflow.bridge.queue.Reconciler;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Observes one operation, decides, and does what was decided. */
final class OperationReconciler implements Reconciler<OperationRef> {

    private static final Logger LOG = LoggerFactory.getLogger(OperationReconciler.class);

    private final DataVolumeStore dataVolumes;
    private final WorkflowEngine engine;
    private final EngineHealth health;
    private final Messenger messenger;
    private final InstantSource clock;

    OperationReconciler(
            DataVolumeStore dataVolumes,
            WorkflowEngine engine,
            EngineHealth health,
            Messenger messenger,
            InstantSource clock) {
        this.dataVolumes = dataVolumes;
        this.engine = engine;
        this.health = health;
        this.messenger = messenger;
        this.clock = clock;
    }

    @Override
    public Next reconcile(OperationRef ref) {
        Subject subject = Subject.of(ref, dataVolumes.cached(ref), dataVolumes.claimOf(ref));
        Decision decision = decide(subject);
        if (decision.action() instanceof Action.StartImport || decision.action() instanceof Action.StartCleanUp) {
            // The workflow's last word may stand on the object while the watch has yet to tell, and what has ended must
            // not be started again: look at the object itself.
            subject = Subject.of(ref, dataVolumes.live(ref), dataVolumes.claimOf(ref));
            decision = decide(subject);
        }
        try {
            return apply(subject, decision);
        } catch (KubernetesClientException e) {
            return changedMeanwhile(ref, e);
        } catch (EngineUnavailableException e) {
            LOG.debug("{}; tried again later", e.getMessage(), e);
            return Next.RETRY;
        }
    }

    private Decision decide(Subject subject) {
        Execution execution =
                OperationDecider.needsExecution(subject) ? executionOf(subject.ref()) : new Execution.Unreachable();
        return OperationDecider.decide(
                subject, execution, health.state(), messenger.told(subject.ref()), clock.instant());
    }

    private Execution executionOf(OperationRef ref) {
        if (health.state() == EngineState.UNREACHABLE) {
            // Each question would hold a thread until its deadline.
            return new Execution.Unreachable();
        }
        try {
            return engine.describeImport(ref);
        } catch (EngineUnavailableException e) {
            LOG.debug("{}; tried again later", e.getMessage(), e);
            return new Execution.Unreachable();
        }
    }

    private Next apply(Subject subject, Decision decision) {
        OperationRef ref = subject.ref();
        switch (subject) {
            case Subject.Gone _ -> messenger.forget(ref);
            case Subject.Present object -> project(object, decision.conditions());
        }
        switch (decision.action()) {
            case Action.Nothing _ -> LOG.trace("{} is as it should be", ref);
            case Action.Mark _ -> dataVolumes.mark(present(subject));
            case Action.StartImport start -> {
                engine.startImport(ref, start.source());
                messenger.startedWith(present(subject));
                LOG.info("Started the import of {} from {}", ref, start.source());
            }
            case Action.Tell tell -> messenger.send(ref, tell.messages());
            case Action.CancelImport cancel -> {
                engine.cancelImport(ref, cancel.reason());
                LOG.info("Cancelled the import of {}: {}", ref, cancel.reason());
            }
            case Action.StartCleanUp cleanUp -> {
                engine.startCleanUp(ref, cleanUp.reason());
                LOG.info("Asked for the clean-up of {}: {}", ref, cleanUp.reason());
            }
            case Action.Release _ -> {
                dataVolumes.release(present(subject));
                LOG.warn("Released {} by force: what its import made and did not remove is left", ref);
            }
        }
        return decision.next();
    }

    private void project(Subject.Present object, BridgeConditions wanted) {
        if (!wanted.equals(object.conditions())) {
            dataVolumes.writeConditions(object, wanted);
        }
    }

    private static Subject.Present present(Subject subject) {
        return switch (subject) {
            case Subject.Present object -> object;
            case Subject.Gone(OperationRef ref) ->
                throw new IllegalStateException("Decided to write on " + ref + ", which is gone");
        };
    }

    private static Next changedMeanwhile(OperationRef ref, KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT && e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
            throw e;
        }
        LOG.debug("{} changed while it was looked at; its event brings it back", ref);
        return Next.RETRY;
    }
}
