package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;

/** The settings in effect, defaults included. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CDIConfigStatus(
        @JsonPropertyDescription("Address under which clients reach the upload proxy.")
        String uploadProxyURL,

        @JsonPropertyDescription("Certificate authority of the upload proxy, PEM.")
        String uploadProxyCA,

        @JsonPropertyDescription("The proxy in effect.") ImportProxy importProxy,

        @JsonPropertyDescription("Class of scratch claims in effect; empty means that of the target claim.")
        String scratchSpaceStorageClass,

        @JsonPropertyDescription("Resources of transfer pods in effect.")
        ResourceRequirements defaultPodResourceRequirements,

        @JsonPropertyDescription("Overhead in effect, for every storage class of the cluster.")
        FilesystemOverhead filesystemOverhead,

        @JsonPropertyDescription("Preallocation in effect.") Boolean preallocation,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Secrets in effect for pulling the images of transfer pods.")
        List<LocalObjectReference> imagePullSecrets) {
    public CDIConfigStatus {
        imagePullSecrets = imagePullSecrets == null ? List.of() : List.copyOf(imagePullSecrets);
    }
}
