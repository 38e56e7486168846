package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** How dvflow is installed and set up. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CDISpec(
        @JsonPropertyDescription("When nodes pull the images of the components: Always, IfNotPresent or Never.")
        String imagePullPolicy,

        @JsonPropertyDescription("What deleting this object does while DataVolumes exist: RemoveWorkloads goes on, "
                + "BlockUninstallIfWorkloadsExist refuses.")
        String uninstallStrategy,

        @JsonPropertyDescription("Where the components run, and how many of each.")
        ComponentConfig infra,

        @JsonPropertyDescription("Where transfer pods run.") NodePlacement workload,

        @JsonPropertyDescription("Changes to the installed components.")
        CustomizeComponents customizeComponents,

        @JsonPropertyDescription(
                "How volumes are cloned whatever the StorageProfile says: copy, snapshot or csi-clone.")
        String cloneStrategyOverride,

        @JsonPropertyDescription("Settings for all operations; they are copied to the CDIConfig.")
        CDIConfigSpec config,

        @JsonPropertyDescription("Life of the certificates that are made.")
        CertConfig certConfig,

        @JsonPropertyDescription("Priority class of the components.")
        String priorityClass) {}
