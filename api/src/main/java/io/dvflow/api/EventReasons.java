package io.dvflow.api;

/** Reasons of events. */
public final class EventReasons {
    // On a DataVolume, when its phase changes; those of failure are warnings.
    public static final String IMPORT_SCHEDULED = "ImportScheduled";
    public static final String IMPORT_IN_PROGRESS = "ImportInProgress";
    public static final String IMPORT_FAILED = "ImportFailed";
    public static final String IMPORT_SUCCEEDED = "ImportSucceeded";
    public static final String IMPORT_PAUSED = "ImportPaused";
    public static final String UPLOAD_SCHEDULED = "UploadScheduled";
    public static final String UPLOAD_READY = "UploadReady";
    public static final String UPLOAD_FAILED = "UploadFailed";
    public static final String UPLOAD_SUCCEEDED = "UploadSucceeded";
    public static final String CLONE_SCHEDULED = "CloneScheduled";
    public static final String CLONE_IN_PROGRESS = "CloneInProgress";
    public static final String CLONE_FAILED = "CloneFailed";
    public static final String CLONE_SUCCEEDED = "CloneSucceeded";
    public static final String SNAPSHOT_FOR_SMART_CLONE_IN_PROGRESS = "SnapshotForSmartCloneInProgress";
    public static final String CLONE_FROM_SNAPSHOT_SOURCE_IN_PROGRESS = "CloneFromSnapshotSourceInProgress";
    public static final String CSI_CLONE_IN_PROGRESS = "CSICloneInProgress";
    public static final String PREP_CLAIM_IN_PROGRESS = "PrepClaimInProgress";
    public static final String REBIND_IN_PROGRESS = "RebindInProgress";
    public static final String EXPANSION_IN_PROGRESS = "ExpansionInProgress";
    public static final String NAMESPACE_TRANSFER_IN_PROGRESS = "NamespaceTransferInProgress";

    // On a DataVolume in trouble, all warnings.
    public static final String ERR_RESOURCE_EXISTS = "ErrResourceExists";
    public static final String ERR_RESOURCE_MARKED_FOR_DELETION = "ErrResourceMarkedForDeletion";
    public static final String ERR_CLAIM_LOST = "ErrClaimLost";
    public static final String ERR_CLAIM_NOT_VALID = "ErrClaimNotValid";
    public static final String ERR_EXCEEDED_QUOTA = "ErrExceededQuota";
    public static final String ERR_STARTING_POD = "ErrStartingPod";
    public static final String ERR_UNABLE_TO_CLONE = "ErrUnableToClone";
    public static final String CLONE_WITHOUT_SOURCE = "CloneWithoutSource";
    public static final String CLONE_VALIDATION_FAILED = "CloneValidationFailed";
    public static final String CLONE_SOURCE_IN_USE = "CloneSourceInUse";
    public static final String ERR_INCOMPATIBLE_PVC = "ErrIncompatiblePVC";
    public static final String IMPORT_PVC_NOT_READY = "ImportPVCNotReady";
    public static final String NO_POPULATOR = "NoPopulator";
    public static final String NO_CSI_DRIVER_FOR_EXTERNAL_POPULATION = "NoCSIDriverForExternalPopulation";
    public static final String NO_ANY_VOLUME_DATA_SOURCE = "NoAnyVolumeDataSource";

    // On a DataVolume that is filled outside of dvflow.
    public static final String EXTERNAL_POPULATION_SUCCEEDED = "ExternalPopulationSucceeded";

    // On a claim.
    public static final String ERR_IMPORT_FAILED = "ErrImportFailed";
    public static final String IMPORT_TARGET_IN_USE = "ImportTargetInUse";
    public static final String UPLOAD_TARGET_IN_USE = "UploadTargetInUse";
    public static final String CREATED_PVC_PRIME_SUCCESSFULLY = "CreatedPVCPrimeSuccessfully";
    public static final String ERR_CREATING_PVC_PRIME = "ErrCreatingPVCPrime";
    public static final String RETAINED_PVC_PRIME = "RetainedPVCPrime";

    private EventReasons() {}
}
