package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** Changes to the installed components. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CustomizeComponents(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Patches to installed objects.")
        List<ComponentPatch> patches,

        @JsonPropertyDescription("Command-line flags for the components.")
        ComponentFlags flags) {
    public CustomizeComponents {
        patches = patches == null ? List.of() : List.copyOf(patches);
    }
}
