package io.dvflow.api.v1beta1;

/** The values of {@code status.phase} of a DataVolume. */
public enum DataVolumePhase {
    /** Nothing has been done yet, or the claim could not be rendered. */
    NEW(""),
    /** The claim waits for its volume, or cannot be made yet. */
    PENDING("Pending"),
    /** Direct path: a pod must use the claim before its volume is made. */
    WAIT_FOR_FIRST_CONSUMER("WaitForFirstConsumer"),
    /** Populator path: a pod must use the claim before its volume is made. */
    PENDING_POPULATION("PendingPopulation"),
    /** Direct path: the claim is bound, the transfer has not begun. */
    PVC_BOUND("PVCBound"),
    IMPORT_SCHEDULED("ImportScheduled"),
    IMPORT_IN_PROGRESS("ImportInProgress"),
    UPLOAD_SCHEDULED("UploadScheduled"),
    UPLOAD_READY("UploadReady"),
    CLONE_SCHEDULED("CloneScheduled"),
    CLONE_IN_PROGRESS("CloneInProgress"),
    SNAPSHOT_FOR_SMART_CLONE_IN_PROGRESS("SnapshotForSmartCloneInProgress"),
    CLONE_FROM_SNAPSHOT_SOURCE_IN_PROGRESS("CloneFromSnapshotSourceInProgress"),
    /** Read from old objects, never written. */
    SMART_CLONE_PVC_IN_PROGRESS("SmartClonePVCInProgress"),
    CSI_CLONE_IN_PROGRESS("CSICloneInProgress"),
    /** Read from old objects, never written. */
    EXPANSION_IN_PROGRESS("ExpansionInProgress"),
    /** Read from old objects, never written. */
    NAMESPACE_TRANSFER_IN_PROGRESS("NamespaceTransferInProgress"),
    PREP_CLAIM_IN_PROGRESS("PrepClaimInProgress"),
    /** The filled volume moves to the target claim. */
    REBIND_IN_PROGRESS("RebindInProgress"),
    /** A multi-stage import waits for its next checkpoint. */
    PAUSED("Paused"),
    /** Final. */
    SUCCEEDED("Succeeded"),
    /** Final: the checksum does not match, or the claim lost its volume. */
    FAILED("Failed"),
    /** The phase of the claim is not known. */
    UNKNOWN("Unknown");

    private final String wireName;

    DataVolumePhase(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }

    /** Whether the operation is over and the phase will not change again. */
    public boolean isTerminal() {
        return this == SUCCEEDED || this == FAILED;
    }

    /** The phase a status says; {@link #NEW} for none, {@link #UNKNOWN} for a name that is not one of these. */
    public static DataVolumePhase of(String wireName) {
        if (wireName == null) {
            return NEW;
        }
        for (DataVolumePhase phase : values()) {
            if (phase.wireName.equals(wireName)) {
                return phase;
            }
        }
        return UNKNOWN;
    }

    /** As {@link #of(String)}; a missing status is {@link #NEW}. */
    public static DataVolumePhase of(DataVolume dataVolume) {
        DataVolumeStatus status = dataVolume.getStatus();
        return status == null ? NEW : of(status.phase());
    }
}
