package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;

/** An image read from a web server. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HttpSource(
        @JsonPropertyDescription("Address of the image, http or https.")
        String url,

        @JsonPropertyDescription(
                "Name of a Secret in the namespace of the DataVolume with the keys accessKeyId (user) and"
                        + " secretKey (password).")
        String secretRef,

        @JsonPropertyDescription(
                "Name of a ConfigMap in the namespace of the DataVolume whose PEM files are trusted as "
                        + "certificate authorities.")
        String certConfigMap,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription("Header lines, each in the form name: value, that are sent with every request.")
        List<String> extraHeaders,

        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        @JsonPropertyDescription(
                "Names of Secrets in the namespace of the DataVolume; each value of such a Secret is one "
                        + "header line sent with every request.")
        List<String> secretExtraHeaders,

        @JsonPropertyDescription(
                "Expected digest of the source as algorithm:hex, where the algorithm is md5, sha1, sha256"
                        + " or sha512. A mismatch is final.")
        String checksum,

        @JsonPropertyDescription("Whether the certificate of the server goes unchecked. Meant for tests.")
        Boolean insecureSkipVerify)
        implements Source {
    public HttpSource {
        extraHeaders = extraHeaders == null ? List.of() : List.copyOf(extraHeaders);
        secretExtraHeaders = secretExtraHeaders == null ? List.of() : List.copyOf(secretExtraHeaders);
    }
}
