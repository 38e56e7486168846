package io.dvflow.bridge.operation;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.workflows.OperationRef;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.util.Optional;

/** Each kind of object in its own store. */
record ObjectsByKind(DataVolumeStore dataVolumes, DataVolumeStore claims) implements DataVolumeStore {

    @Override
    public Optional<DataVolume> cached(OperationRef ref) {
        return of(ref).cached(ref);
    }

    @Override
    public Optional<DataVolume> live(OperationRef ref) {
        return of(ref).live(ref);
    }

    @Override
    public Optional<PersistentVolumeClaim> claimOf(OperationRef ref) {
        return of(ref).claimOf(ref);
    }

    @Override
    public void mark(Subject.Present object) {
        of(object.ref()).mark(object);
    }

    @Override
    public void release(Subject.Present object) {
        of(object.ref()).release(object);
    }

    @Override
    public void writeConditions(Subject.Present object, BridgeConditions conditions) {
        of(object.ref()).writeConditions(object, conditions);
    }

    private DataVolumeStore of(OperationRef ref) {
        return switch (ref.theKind()) {
            case DATA_VOLUME -> dataVolumes;
            case CLAIM -> claims;
        };
    }
}
