package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** What the prime claim of a target is to be filled with. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VolumeImportSourceSpec(
        @JsonPropertyDescription("Where the data come from; exactly one member is set.")
        ImportSourceType source,

        @JsonPropertyDescription("Whether the whole volume is allocated up front.")
        Boolean preallocation,

        @JsonPropertyDescription(
                "What the data are: kubevirt (a disk image, the default) or archive (a tar file that is "
                        + "unpacked).")
        String contentType,

        @JsonPropertyDescription("Name of the claim that a multi-stage import fills.")
        String targetClaim,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Stages of a multi-stage import, in order; more may be appended while it is paused.")
        List<DataVolumeCheckpoint> checkpoints,

        @JsonPropertyDescription("Whether the last of the checkpoints ends the import.")
        Boolean finalCheckpoint) {
    public VolumeImportSourceSpec {
        checkpoints = checkpoints == null ? List.of() : List.copyOf(checkpoints);
    }
}
