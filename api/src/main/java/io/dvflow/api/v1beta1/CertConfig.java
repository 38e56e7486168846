package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Life of the certificates that are made. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CertConfig(
        @JsonPropertyDescription("Life of certificate authorities.")
        CertLifetime ca,

        @JsonPropertyDescription("Life of server certificates.")
        CertLifetime server,

        @JsonPropertyDescription("Life of client certificates.")
        CertLifetime client) {}
