package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;

/** Settings for all operations in the cluster. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CDIConfigSpec(
        @JsonPropertyDescription("Address under which clients reach the upload proxy, if it cannot be found out.")
        String uploadProxyURLOverride,

        @JsonPropertyDescription("The proxy that imports go through.")
        ImportProxy importProxy,

        @JsonPropertyDescription("Class of scratch claims; unset means that of the target claim.")
        String scratchSpaceStorageClass,

        @JsonPropertyDescription("Resources of transfer pods.")
        ResourceRequirements podResourceRequirements,

        @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonPropertyDescription("Optional behaviour that is switched on.")
        List<String> featureGates,

        @JsonPropertyDescription(
                "Whether labelled claims are completed from the StorageProfile by a webhook: Enabled or " + "Disabled.")
        String webhookPvcRendering,

        @JsonPropertyDescription("The part of a volume that its file system keeps for itself.")
        FilesystemOverhead filesystemOverhead,

        @JsonPropertyDescription("Whether volumes are allocated up front when a DataVolume does not say.")
        Boolean preallocation,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Registries, host and optional port, whose certificates go unchecked.")
        List<String> insecureRegistries,

        @JsonPropertyDescription("Accepted and ignored: finished DataVolumes are never deleted.")
        Integer dataVolumeTTLSeconds,

        @JsonPropertyDescription("Which TLS versions and ciphers the servers offer.")
        TlsSecurityProfile tlsSecurityProfile,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Secrets the node uses to pull the images of transfer pods.")
        List<LocalObjectReference> imagePullSecrets,

        @JsonPropertyDescription("How much the components log; larger is more.")
        Integer logVerbosity) {
    public CDIConfigSpec {
        featureGates = featureGates == null ? List.of() : List.copyOf(featureGates);
        insecureRegistries = insecureRegistries == null ? List.of() : List.copyOf(insecureRegistries);
        imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
    }
}
