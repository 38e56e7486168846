package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** A TLS profile spelled out. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CustomTlsProfile(
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Names of the ciphers that are offered, in the notation of OpenSSL.")
        List<String> ciphers,

        @JsonPropertyDescription(
                "Lowest version of TLS that is spoken: VersionTLS10, VersionTLS11, VersionTLS12 or " + "VersionTLS13.")
        String minTLSVersion) {
    public CustomTlsProfile {
        ciphers = ciphers == null ? List.of() : List.copyOf(ciphers);
    }
}
