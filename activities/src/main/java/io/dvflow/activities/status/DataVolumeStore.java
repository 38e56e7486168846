package io.dvflow.activities.status;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The only door to DataVolumes. */
public interface DataVolumeStore {

    /** The object of the operation; empty when it is gone or another one has its name. It may be on its way out. */
    Optional<DataVolume> find(OperationRef object);

    /**
     * Applies the owned part of the status to the object exactly as it was seen.
     *
     * @return the object as it is now
     * @throws io.dvflow.activities.kubernetes.Conflict when the object is not as it was seen any more
     */
    DataVolume applyStatus(DataVolume seen, DataVolumeStatus owned);

    /**
     * Adds annotations, and sets the finalizers, of the object exactly as it was seen.
     *
     * @throws io.dvflow.activities.kubernetes.Conflict as above
     */
    DataVolume patchMetadata(DataVolume seen, Map<String, String> annotations, List<String> finalizers);
}
