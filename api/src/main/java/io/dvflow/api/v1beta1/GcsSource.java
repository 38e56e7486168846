package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** An object in Google Cloud Storage. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record GcsSource(
        @JsonPropertyDescription("Address of the object: gs://bucket/key, or the https form of the storage API.")
        String url,

        @JsonPropertyDescription(
                "Name of a Secret in the namespace of the DataVolume whose key credentials.json holds a "
                        + "service account key, a user's login or a workload identity configuration.")
        String secretRef)
        implements Source {}
