package io.dvflow.bridge.profile;

import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfileSpec;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a profile is made of.
 *
 * @param storageClass name of the class, and of the profile
 * @param parameters of the class
 * @param strategyAnnotation the class's own clone strategy, if it is annotated with one
 * @param spec what an administrator overrides
 * @param status what the profile says now
 * @param annotations what the profile is annotated with now
 * @param snapshotClasses every snapshot class of the cluster; empty when snapshots are not served
 * @param volumeSets distinct modes of the class's volumes
 */
record ProfileFacts(
        String storageClass,
        String provisioner,
        Map<String, String> parameters,
        Optional<String> strategyAnnotation,
        StorageProfileSpec spec,
        Optional<StorageProfileStatus> status,
        Map<String, String> annotations,
        Optional<List<SnapshotClass>> snapshotClasses,
        List<ClaimPropertySet> volumeSets) {

    static final StorageProfileSpec NOTHING_OVERRIDDEN = new StorageProfileSpec(null, List.of(), null, null);
}
