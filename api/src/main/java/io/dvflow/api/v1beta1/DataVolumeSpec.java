package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpec;
import java.util.List;

/** What is wanted: a claim, and the data in it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DataVolumeSpec(
        @JsonPropertyDescription("Where the data come from; exactly one member is set. Excludes sourceRef.")
        DataVolumeSource source,

        @JsonPropertyDescription("Names an object that says where the data come from. Excludes source.")
        DataVolumeSourceRef sourceRef,

        @JsonPropertyDescription("The claim in full, taken as it is. Excludes storage.")
        PersistentVolumeClaimSpec pvc,

        @JsonPropertyDescription(
                "The claim in short form; what is left out comes from the StorageProfile. Excludes pvc.")
        StorageSpec storage,

        @JsonPropertyDescription("Priority class of the transfer pods.")
        String priorityClassName,

        @JsonPropertyDescription("Service account of the transfer pods.")
        String serviceAccountName,

        @JsonPropertyDescription(
                "What the data are: kubevirt (a disk image, the default) or archive (a tar file that is "
                        + "unpacked).")
        String contentType,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Stages of a multi-stage import, in order; more may be appended while it is paused.")
        List<DataVolumeCheckpoint> checkpoints,

        @JsonPropertyDescription("Whether the last of the checkpoints ends the import.")
        Boolean finalCheckpoint,

        @JsonPropertyDescription(
                "Whether the whole volume is allocated up front; unset means the setting of CDIConfig.")
        Boolean preallocation) {
    public DataVolumeSpec {
        checkpoints = checkpoints == null ? List.of() : List.copyOf(checkpoints);
    }
}
