package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** An indirect source: the object named here says where the data come from. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DataVolumeSourceRef(
        @JsonPropertyDescription("Kind of the object; only DataSource is known.")
        String kind,

        @JsonPropertyDescription("Namespace of the object; unset means that of the DataVolume.")
        String namespace,

        @JsonPropertyDescription("Name of the object.") String name) {}
