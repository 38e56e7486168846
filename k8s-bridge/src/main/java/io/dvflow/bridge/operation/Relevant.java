package io.dvflow.bridge.operation;

import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.DataVolumePhase;
import java.util.List;
import java.util.Map;

/**
 * The part of an object that a decision can depend on. Progress is written every few seconds while a transfer runs, and
 * is nothing to look into.
 */
record Relevant(
        Map<String, String> annotations,
        List<String> finalizers,
        String deletionTimestamp,
        Long generation,
        DataVolumePhase phase,
        BridgeConditions conditions) {

    static Relevant of(DataVolume dataVolume) {
        var metadata = dataVolume.getMetadata();
        return new Relevant(
                metadata.getAnnotations(),
                metadata.getFinalizers(),
                metadata.getDeletionTimestamp(),
                metadata.getGeneration(),
                DataVolumePhase.of(dataVolume),
                BridgeConditions.on(dataVolume));
    }
}
