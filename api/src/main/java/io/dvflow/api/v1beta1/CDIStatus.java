package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** State of the installation. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CDIStatus(
        @JsonPropertyDescription(
                "Step the installation is at: Deploying, Deployed, Upgrading, Error, Deleting or Deleted.")
        String phase,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Aspects of the state, one for each type.")
        List<CDICondition> conditions,

        @JsonPropertyDescription("Version of the component that reconciles this object.")
        String operatorVersion,

        @JsonPropertyDescription("Version that is being installed.")
        String targetVersion,

        @JsonPropertyDescription("Version that is installed.")
        String observedVersion) {
    public CDIStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
}
