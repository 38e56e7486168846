package io.dvflow.activities.status;

import io.dvflow.api.claim.AnnotatedClaim;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumeStatus;
import io.dvflow.workflows.OperationRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Each kind of object behind its own door.
 *
 * @param dataVolumes for DataVolumes
 * @param claims for claims that ask for an import themselves
 */
public record ObjectsByKind(DataVolumeStore dataVolumes, DataVolumeStore claims) implements DataVolumeStore {

    @Override
    public Optional<DataVolume> find(OperationRef object) {
        return switch (object.theKind()) {
            case DATA_VOLUME -> dataVolumes.find(object);
            case CLAIM -> claims.find(object);
        };
    }

    @Override
    public DataVolume applyStatus(DataVolume seen, DataVolumeStatus owned) {
        return storeOf(seen).applyStatus(seen, owned);
    }

    @Override
    public DataVolume patchMetadata(DataVolume seen, Map<String, String> annotations, List<String> finalizers) {
        return storeOf(seen).patchMetadata(seen, annotations, finalizers);
    }

    private DataVolumeStore storeOf(DataVolume seen) {
        return seen instanceof AnnotatedClaim ? claims : dataVolumes;
    }
}
