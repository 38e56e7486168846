package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.TypedLocalObjectReference;
import io.fabric8.kubernetes.api.model.TypedObjectReference;
import io.fabric8.kubernetes.api.model.VolumeResourceRequirements;
import java.util.List;

/** The claim in short form: what is left out comes from the StorageProfile of its class. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record StorageSpec(
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Access modes of the claim; unset means those of the StorageProfile of the class.")
        List<String> accessModes,

        @JsonPropertyDescription("Restricts the volumes the claim may bind to.")
        LabelSelector selector,

        @JsonPropertyDescription("Size of the disk the guest sees; overhead of a file system is added to it.")
        VolumeResourceRequirements resources,

        @JsonPropertyDescription("Name of the volume to bind to.")
        String volumeName,

        @JsonPropertyDescription(
                "Class of the claim; unset means the default class for virtual machines, then that of the"
                        + " cluster.")
        String storageClassName,

        @JsonPropertyDescription(
                "Filesystem, Block, or FromStorageProfile; unset means that of the StorageProfile of the " + "class.")
        String volumeMode,

        @JsonPropertyDescription("Object that fills the volume outside of dvflow.")
        TypedLocalObjectReference dataSource,

        @JsonPropertyDescription("Object that fills the volume outside of dvflow; it must agree with dataSource.")
        TypedObjectReference dataSourceRef) {
    public StorageSpec {
        accessModes = accessModes == null ? List.of() : List.copyOf(accessModes);
    }
}
