package io.dvflow.api;

/** Types of conditions. */
public final class ConditionTypes {
    // On a DataVolume, written by its workflow.
    /** Whether the claim has its volume. */
    public static final String BOUND = "Bound";
    /** Whether the data are in place. */
    public static final String READY = "Ready";
    /** Whether data are being transferred; never true together with Ready. */
    public static final String RUNNING = "Running";

    // On a DataVolume, written by the bridge.
    /** Whether Temporal and workers for the operation can be reached. */
    public static final String WORKFLOW_ENGINE_AVAILABLE = "WorkflowEngineAvailable";
    /** Whether this release carries out operations of this kind. */
    public static final String OPERATION_SUPPORTED = "OperationSupported";

    // On a StorageProfile.
    /** Whether the provisioner of the class is in the built-in table. */
    public static final String RECOGNIZED = "Recognized";

    // On the CDI object.
    public static final String AVAILABLE = "Available";
    public static final String PROGRESSING = "Progressing";
    public static final String DEGRADED = "Degraded";

    private ConditionTypes() {}
}
