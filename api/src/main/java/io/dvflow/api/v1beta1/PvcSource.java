package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A claim that is cloned. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PvcSource(
        @JsonPropertyDescription("Namespace of the claim to clone.")
        String namespace,

        @JsonPropertyDescription("Name of the claim to clone.")
        String name)
        implements Source {}
