package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What an administrator overrides for a storage class; each field goes before the built-in table. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageProfileSpec(
        @JsonPropertyDescription("How volumes of the class are cloned: copy, snapshot or csi-clone.")
        String cloneStrategy,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Combinations of modes the class supports, best first.")
        List<ClaimPropertySet> claimPropertySets,

        @JsonPropertyDescription("What recurring imports keep their results as: pvc or snapshot.")
        String dataImportCronSourceFormat,

        @JsonPropertyDescription("VolumeSnapshotClass used for volumes of the class.")
        String snapshotClass) {
    public StorageProfileSpec {
        claimPropertySets = claimPropertySets == null ? List.of() : List.copyOf(claimPropertySets);
    }
}
