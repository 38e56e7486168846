package io.dvflow.bridge.sweep;

import io.dvflow.bridge.engine.EngineUnavailableException;
import io.dvflow.bridge.engine.WorkflowEngine;
import io.dvflow.workflows.OperationRef;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels imports whose object is gone: it was deleted while the bridge was away, and its finalizer was taken off by
 * hand. The other direction, objects without a workflow, needs no sweep of its own, since every object is looked at.
 */
public final class OrphanSweep {

    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweep.class);

    private final WorkflowEngine engine;
    private final Predicate<OperationRef> exists;

    /** @param exists asks the API server before it says no: a watch may not have told of the newest objects */
    public OrphanSweep(WorkflowEngine engine, Predicate<OperationRef> exists) {
        this.engine = engine;
        this.exists = exists;
    }

    /** Sweeps once. What cannot be done now is left to the next time. */
    public void sweep() {
        try {
            engine.openImports().stream().filter(exists.negate()).forEach(this::cancel);
        } catch (EngineUnavailableException e) {
            LOG.debug("Orphans are looked for at the next sweep: {}", e.getMessage());
        }
    }

    private void cancel(OperationRef ref) {
        engine.cancelImport(ref, "The " + ref.theKind().word() + " is gone");
        LOG.info("Cancelled the import of {}, which is gone", ref);
    }
}
