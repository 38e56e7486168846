package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Which TLS versions and ciphers the servers offer. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record TlsSecurityProfile(
        @JsonPropertyDescription("Old, Intermediate, Modern or Custom.")
        String type,

        @JsonPropertyDescription("Set for the profile Old.") NamedTlsProfile old,

        @JsonPropertyDescription("Set for the profile Intermediate.")
        NamedTlsProfile intermediate,

        @JsonPropertyDescription("Set for the profile Modern.")
        NamedTlsProfile modern,

        @JsonPropertyDescription("Settings of the profile Custom.")
        CustomTlsProfile custom) {}
