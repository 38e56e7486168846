package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** An object in a bucket with the S3 protocol. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record S3Source(
        @JsonPropertyDescription("Address of the object: http or https, endpoint, bucket and key.")
        String url,

        @JsonPropertyDescription(
                "Name of a Secret in the namespace of the DataVolume with the keys accessKeyId (user) and"
                        + " secretKey (password), and perhaps sessionToken and region.")
        String secretRef,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the namespace of the DataVolume whose PEM files are trusted as "
                        + "certificate authorities.")
        String certConfigMap)
        implements Source {}
