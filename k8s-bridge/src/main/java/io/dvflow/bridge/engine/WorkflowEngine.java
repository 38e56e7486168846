package io.dvflow.bridge.engine;

import io.dvflow.workflows.OperationRef;
import java.util.List;

/**
 * The bridge's only door to Temporal. Every call is bounded by a short deadline, may be repeated, and throws
 * {@link EngineUnavailableException} when Temporal does not answer, {@link EngineRefusedException} when it says no.
 */
public interface WorkflowEngine {

    /** The import's execution; never {@link Execution.Unreachable}, which is for callers that did not ask. */
    Execution describeImport(OperationRef object);

    /**
     * Starts the import unless it runs or has run: an ID is used once.
     *
     * @param source key of the source kind, for people and search
     */
    void startImport(OperationRef object, String source);

    /** Asks the import to end; nothing happens if it has ended or never was. */
    void cancelImport(OperationRef object, String reason);

    /** Starts the workflow that ends the operation in place of its own, unless it runs already. */
    void startCleanUp(OperationRef object, String reason);

    /**
     * Returns when the import has taken the message, or refused it because it says nothing new. Waits for a worker, so
     * it may take long: never called on a thread that reconciles.
     */
    void tell(OperationRef object, Message message);

    /** Objects of all imports that are open. Eventually consistent. */
    List<OperationRef> openImports();

    /** Whether workers ask for work. */
    boolean workersPoll();
}
