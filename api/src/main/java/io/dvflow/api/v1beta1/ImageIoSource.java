package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A disk of oVirt, read through ovirt-imageio. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImageIoSource(
        @JsonPropertyDescription("Address of the oVirt engine.")
        String url,

        @JsonPropertyDescription("Identifier of the disk in oVirt.")
        String diskId,

        @JsonPropertyDescription(
                "Name of a Secret in the namespace of the DataVolume with the keys accessKeyId (user) and"
                        + " secretKey (password).")
        String secretRef,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the namespace of the DataVolume whose PEM files are trusted as "
                        + "certificate authorities.")
        String certConfigMap,

        @JsonPropertyDescription("Whether the certificate of the engine goes unchecked. Meant for tests.")
        Boolean insecureSkipVerify)
        implements Source {}
