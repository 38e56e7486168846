package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A disk inside a container image. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RegistrySource(
        @JsonPropertyDescription("Address of the image: docker://host/image:tag or oci-archive://path.")
        String url,

        @JsonPropertyDescription(
                "Name of an OpenShift image stream in the namespace of the DataVolume, instead of a url; "
                        + "needs pull method node.")
        String imageStream,

        @JsonPropertyDescription(
                "Who pulls the image: pod (the transfer pod itself, the default) or node (the container "
                        + "runtime of the node).")
        String pullMethod,

        @JsonPropertyDescription(
                "Name of a Secret in the namespace of the DataVolume with the keys accessKeyId (user) and"
                        + " secretKey (password), or of one as 'kubectl create secret docker-registry' makes it.")
        String secretRef,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the namespace of the DataVolume whose PEM files are trusted as "
                        + "certificate authorities.")
        String certConfigMap,

        @JsonPropertyDescription("Which platform to pick when the image has several.")
        PlatformOptions platform)
        implements Source {}
