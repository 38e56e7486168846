package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;

/** Where pods may run. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodePlacement(
        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Labels a node must have.")
        Map<String, String> nodeSelector,

        @JsonPropertyDescription("Affinity of the pods to nodes and to other pods.")
        Affinity affinity,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Taints of nodes that the pods tolerate.")
        List<Toleration> tolerations) {
    public NodePlacement {
        nodeSelector = nodeSelector == null ? Map.of() : Map.copyOf(nodeSelector);
        tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
    }
}
