package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** One change to an installed object. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ComponentPatch(
        @JsonPropertyDescription("Name of the object to change.")
        String resourceName,

        @JsonPropertyDescription("Kind of the object to change.")
        String resourceType,

        @JsonPropertyDescription("The patch itself.") String patch,

        @JsonPropertyDescription("Notation of the patch: json, merge or strategic.")
        String type) {}
