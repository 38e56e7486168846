package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Life of one sort of certificate, as durations in the notation of Go, for example 48h0m0s. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CertLifetime(
        @JsonPropertyDescription("How long a certificate is valid.")
        String duration,

        @JsonPropertyDescription("How long before its end a certificate is renewed.")
        String renewBefore) {}
