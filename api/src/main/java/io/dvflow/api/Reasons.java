package io.dvflow.api;

/** Reasons of conditions. */
public final class Reasons {
    // Bound.
    public static final String BOUND = "Bound";
    public static final String PENDING = "Pending";
    public static final String CLAIM_LOST = "ClaimLost";
    public static final String NOT_FOUND = "NotFound";

    // Ready and Running.
    public static final String TRANSFER_RUNNING = "TransferRunning";
    public static final String POD_IS_RUNNING = "Pod is running";
    public static final String POPULATOR_IS_RUNNING = "Populator is running";
    public static final String COMPLETED = "Completed";
    public static final String ERROR = "Error";
    public static final String SCRATCH_SPACE_REQUIRED = "Scratch space required";
    public static final String CREATING_SCRATCH_SPACE = "CreatingScratchSpace";
    public static final String IMAGE_PULL_FAILED = "ImagePullFailed";
    public static final String UNSCHEDULABLE = "Unschedulable";
    public static final String CHECKSUM_ERROR = "ChecksumError";
    public static final String ERR_STARTING_POD = "ErrStartingPod";
    public static final String ERR_EXCEEDED_QUOTA = "ErrExceededQuota";
    public static final String ERR_CLAIM_NOT_VALID = "ErrClaimNotValid";
    public static final String AWAITING_VDDK = "AwaitingVDDK";

    // WorkflowEngineAvailable.
    public static final String TEMPORAL_UNREACHABLE = "TemporalUnreachable";
    public static final String NO_WORKERS = "NoWorkers";

    // OperationSupported.
    public static final String SOURCE_NOT_SUPPORTED = "SourceNotSupported";

    // Recognized.
    public static final String RECOGNIZED_PROVISIONER = "RecognizedProvisioner";
    public static final String UNRECOGNIZED_PROVISIONER = "UnrecognizedProvisioner";
    public static final String UNRECOGNIZED_STORAGE_CLASS_PARAMETERS = "UnrecognizedStorageClassParameters";

    private Reasons() {}
}
