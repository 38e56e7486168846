package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A disk of VMware, read through the VDDK library. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VddkSource(
        @JsonPropertyDescription("Address of the vCenter or ESXi host.")
        String url,

        @JsonPropertyDescription("UUID of the virtual machine in VMware.")
        String uuid,

        @JsonPropertyDescription("Path of the disk in the datastore, for example [store] vm/vm.vmdk.")
        String backingFile,

        @JsonPropertyDescription("SHA-1 thumbprint of the certificate of the vCenter or ESXi host.")
        String thumbprint,

        @JsonPropertyDescription(
                "Name of a Secret in the namespace of the DataVolume with the keys accessKeyId (user) and"
                        + " secretKey (password).")
        String secretRef,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the namespace of the DataVolume whose PEM files are trusted as "
                        + "certificate authorities.")
        String certConfigMap,

        @JsonPropertyDescription("Image that holds the VDDK library; it goes before the cluster-wide choice.")
        String initImageURL,

        @JsonPropertyDescription("Name of a ConfigMap with further VDDK settings.")
        String extraArgs)
        implements Source {}
