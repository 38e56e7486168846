package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** One combination of modes a storage class supports. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ClaimPropertySet(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Access modes of the combination.")
        List<String> accessModes,

        @JsonPropertyDescription("Volume mode of the combination: Filesystem or Block.")
        String volumeMode) {
    public ClaimPropertySet {
        accessModes = accessModes == null ? List.of() : List.copyOf(accessModes);
    }
}
