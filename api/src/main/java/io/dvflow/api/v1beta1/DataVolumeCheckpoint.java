package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** One stage of a multi-stage import: a copy of what changed between two snapshots. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DataVolumeCheckpoint(
        @JsonPropertyDescription("Identifier of the snapshot copied before; empty for the first stage.")
        String previous,

        @JsonPropertyDescription("Identifier of the snapshot this stage copies.")
        String current) {}
