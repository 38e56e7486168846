package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Map;

/** The part of a volume that its file system keeps for itself, as a fraction between 0 and 1. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record FilesystemOverhead(
        @JsonPropertyDescription("Overhead of every class that has no figure of its own; 0.06 when unset.")
        String global,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Overhead for each storage class, by name.")
        Map<String, String> storageClass) {
    public FilesystemOverhead {
        storageClass = storageClass == null ? Map.of() : Map.copyOf(storageClass);
    }
}
