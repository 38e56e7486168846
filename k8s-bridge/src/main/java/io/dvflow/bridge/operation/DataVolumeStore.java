package io.dvflow.bridge.operation;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Optional;

/** DataVolumes as the API server has them, and the few things the bridge writes on them. */
interface DataVolumeStore {

    /** The object of that namespace and name, whatever its UID, as the watch last told. */
    Optional<DataVolume> cached(OperationRef ref);

    /** As {@link #cached}, from the API server itself. */
    Optional<DataVolume> live(OperationRef ref);

    /** The claim that was made for the object, as the watch last told. */
    Optional<PersistentVolumeClaim> claimOf(OperationRef ref);

    /** Adds finalizer and workflow ID, if the object is still as observed. */
    void mark(Subject.Present object);

    /** Takes the finalizer away, if the object is still as observed. */
    void release(Subject.Present object);

    /** Makes the bridge's conditions on the object these. */
    void writeConditions(Subject.Present object, BridgeConditions conditions);
}
