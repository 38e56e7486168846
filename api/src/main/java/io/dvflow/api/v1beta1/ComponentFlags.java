package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Map;

/** Command-line flags for the components, by name. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ComponentFlags(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Flags of the API server.")
        Map<String, String> api,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Flags of the controller.")
        Map<String, String> controller,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Flags of the upload proxy.")
        Map<String, String> uploadProxy) {
    public ComponentFlags {
        api = api == null ? Map.of() : Map.copyOf(api);
        controller = controller == null ? Map.of() : Map.copyOf(controller);
        uploadProxy = uploadProxy == null ? Map.of() : Map.copyOf(uploadProxy);
    }
}
