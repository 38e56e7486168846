package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** The proxy that imports go through. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImportProxy(
        @JsonPropertyDescription("Proxy for http addresses.")
        String HTTPProxy,

        @JsonPropertyDescription("Proxy for https addresses.")
        String HTTPSProxy,

        @JsonPropertyDescription("Comma-separated hosts, domains and networks that are reached directly.")
        String noProxy,

        @JsonPropertyDescription("Name of a ConfigMap in the namespace of dvflow whose PEM files are trusted as "
                + "authorities of the proxy.")
        String trustedCAProxy) {}
