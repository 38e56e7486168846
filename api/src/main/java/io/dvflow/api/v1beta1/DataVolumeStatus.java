package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** How far a DataVolume is; written by its workflow alone. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DataVolumeStatus(
        @JsonPropertyDescription("Name of the claim that holds the data.")
        String claimName,

        @JsonPropertyDescription("Step the operation is at; empty for a new object.")
        String phase,

        @JsonPropertyDescription(
                "Part of the data that is transferred, as a percentage such as 42.00%, or N/A while " + "unknown.")
        String progress,

        @JsonPropertyDescription("Number of attempts after the first.")
        Integer restartCount,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Aspects of the state, one for each type.")
        List<DataVolumeCondition> conditions) {
    public DataVolumeStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
}
