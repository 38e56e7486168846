package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What holds for a storage class, overrides included. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageProfileStatus(
        @JsonPropertyDescription("Name of the storage class.")
        String storageClass,

        @JsonPropertyDescription("Provisioner of the storage class.")
        String provisioner,

        @JsonPropertyDescription("How volumes of the class are cloned: copy, snapshot or csi-clone.")
        String cloneStrategy,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Combinations of modes the class supports, best first.")
        List<ClaimPropertySet> claimPropertySets,

        @JsonPropertyDescription("What recurring imports keep their results as: pvc or snapshot.")
        String dataImportCronSourceFormat,

        @JsonPropertyDescription("VolumeSnapshotClass used for volumes of the class.")
        String snapshotClass,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Aspects of the state, one for each type.")
        List<StorageProfileCondition> conditions) {
    public StorageProfileStatus {
        claimPropertySets = claimPropertySets == null ? List.of() : List.copyOf(claimPropertySets);
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
}
