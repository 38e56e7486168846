package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** One aspect of the state of a StorageProfile. Times are RFC 3339. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageProfileCondition(
        @JsonPropertyDescription("What the condition is about; the key of the list.")
        String type,

        @JsonPropertyDescription("True, False or Unknown.") String status,

        @JsonPropertyDescription("When the status last changed.")
        String lastTransitionTime,

        @JsonPropertyDescription("When the reason or the message last changed.")
        String lastHeartbeatTime,

        @JsonPropertyDescription("Why, as one word for programs.")
        String reason,

        @JsonPropertyDescription("Why, as a sentence for people.")
        String message) {}
