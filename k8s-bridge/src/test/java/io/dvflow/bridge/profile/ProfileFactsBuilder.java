package io.dvflow.bridge.profile;

import io.dvflow.api.v1beta1.ClaimPropertySet;
import io.dvflow.api.v1beta1.StorageProfileSpec;
import io.dvflow.api.v1beta1.StorageProfileStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds facts; by default a class of this provisioner without parameters, in a cluster without snapshots. */
final class ProfileFactsBuilder {

    private final String provisioner;
    private final Map<String, String> parameters = new HashMap<>();
    private Optional<String> strategyAnnotation = Optional.empty();
    private StorageProfileSpec spec = ProfileFacts.NOTHING_OVERRIDDEN;
    private Optional<StorageProfileStatus> status = Optional.empty();
    private final Map<String, String> annotations = new HashMap<>();
    private Optional<List<SnapshotClass>> snapshotClasses = Optional.empty();
    private List<ClaimPropertySet> volumeSets = List.of();

    private ProfileFactsBuilder(String provisioner) {
        this.provisioner = provisioner;
    }

    static ProfileFactsBuilder of(String provisioner) {
        return new ProfileFactsBuilder(provisioner);
    }

    ProfileFactsBuilder with(String parameter, String value) {
        parameters.put(parameter, value);
        return this;
    }

    ProfileFactsBuilder strategyAnnotation(String value) {
        strategyAnnotation = Optional.of(value);
        return this;
    }

    ProfileFactsBuilder spec(String cloneStrategy, List<ClaimPropertySet> sets, String format, String snapshotClass) {
        spec = new StorageProfileSpec(cloneStrategy, sets, format, snapshotClass);
        return this;
    }

    ProfileFactsBuilder status(StorageProfileStatus value) {
        status = Optional.of(value);
        return this;
    }

    ProfileFactsBuilder annotated(String key, String value) {
        annotations.put(key, value);
        return this;
    }

    ProfileFactsBuilder snapshots(SnapshotClass... classes) {
        snapshotClasses = Optional.of(List.of(classes));
        return this;
    }

    ProfileFactsBuilder volumes(List<ClaimPropertySet> sets) {
        volumeSets = sets;
        return this;
    }

    ProfileFacts build() {
        return new ProfileFacts(
                "a-class",
                provisioner,
                parameters,
                strategyAnnotation,
                spec,
                status,
                annotations,
                snapshotClasses,
                volumeSets);
    }
}
