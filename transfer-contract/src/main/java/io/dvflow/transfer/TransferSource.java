package io.dvflow.transfer;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Optional;

/** Where a transfer reads from. Secrets are never part of it, only the directories that they are mounted to. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TransferSource.Http.class, name = "http"),
    @JsonSubTypes.Type(value = TransferSource.S3.class, name = "s3"),
    @JsonSubTypes.Type(value = TransferSource.Gcs.class, name = "gcs"),
    @JsonSubTypes.Type(value = TransferSource.Blank.class, name = "blank"),
    @JsonSubTypes.Type(value = TransferSource.Registry.class, name = "registry"),
    @JsonSubTypes.Type(value = TransferSource.PulledImage.class, name = "pulledImage"),
})
public sealed interface TransferSource {

    /**
     * An image behind HTTP or HTTPS.
     *
     * @param url absolute URL, scheme {@code http} or {@code https}
     * @param credentialsDirectory directory with the files {@code accessKeyId} and {@code secretKey} for basic auth
     * @param certificateDirectory directory of PEM files that are trusted beside the system's authorities
     * @param extraHeaders full header lines, {@code Name: value}
     * @param secretHeaderDirectories directories of which every file is one full header line
     * @param checksum {@code algorithm:hex} of the whole source; md5, sha1, sha256 or sha512
     * @param verifyTls false only where the user asked for {@code insecureSkipVerify}
     * @param mirrors other addresses of the same image, in the order in which they are tried
     */
    record Http(
            String url,
            Optional<String> credentialsDirectory,
            Optional<String> certificateDirectory,
            List<String> extraHeaders,
            List<String> secretHeaderDirectories,
            Optional<String> checksum,
            boolean verifyTls,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> mirrors)
            implements TransferSource {

        public Http {
            credentialsDirectory = credentialsDirectory == null ? Optional.empty() : credentialsDirectory;
            certificateDirectory = certificateDirectory == null ? Optional.empty() : certificateDirectory;
            extraHeaders = extraHeaders == null ? List.of() : List.copyOf(extraHeaders);
            secretHeaderDirectories =
                    secretHeaderDirectories == null ? List.of() : List.copyOf(secretHeaderDirectories);
            checksum = checksum == null ? Optional.empty() : checksum;
            mirrors = mirrors == null ? List.of() : List.copyOf(mirrors);
        }
    }

    /**
     * An image in a bucket of S3 or of a server that speaks its protocol.
     *
     * @param url {@code http(s)://endpoint/bucket/key}, or with AWS also {@code https://bucket.s3.region.amazonaws.com/key};
     *     may ask for a {@code versionId}
     * @param credentialsDirectory directory with the files {@code accessKeyId} and {@code secretKey}, and perhaps
     *     {@code sessionToken} and {@code region}; without it the pod's own role at AWS is used, if it has one
     * @param certificateDirectory directory of PEM files that are trusted beside the system's authorities
     */
    record S3(String url, Optional<String> credentialsDirectory, Optional<String> certificateDirectory)
            implements TransferSource {

        public S3 {
            credentialsDirectory = credentialsDirectory == null ? Optional.empty() : credentialsDirectory;
            certificateDirectory = certificateDirectory == null ? Optional.empty() : certificateDirectory;
        }
    }

    /**
     * An image in Google Cloud Storage.
     *
     * @param url {@code gs://bucket/key}, or the address of the object in one of the two APIs
     * @param credentialsDirectory directory with the file {@code credentials.json}
     * @param ownServiceAccount whether the pod may ask as its own service account for what not everybody may read
     */
    record Gcs(String url, Optional<String> credentialsDirectory, boolean ownServiceAccount) implements TransferSource {

        public Gcs {
            credentialsDirectory = credentialsDirectory == null ? Optional.empty() : credentialsDirectory;
        }
    }

    /** No source: an empty disk of the requested size, all zero. */
    record Blank() implements TransferSource {}

    /**
     * A disk below {@code disk/} in a container image that the transfer itself reads from a registry.
     *
     * @param url {@code docker://host[:port]/repository[:tag|@digest]}, or {@code oci-archive://path[:tag]} for an image in
     *     the pod's own file system
     * @param credentialsDirectory directory with {@code accessKeyId} and {@code secretKey}, with {@code .dockerconfigjson}, or
     *     with {@code .dockercfg}
     * @param certificateDirectory directory of PEM files that are trusted beside the system's authorities
     * @param architecture of the image wanted, as Go names it ({@code amd64}); empty for that of the node
     * @param insecure whether the registry's certificate goes unchecked, and plain http will do
     */
    record Registry(
            String url,
            Optional<String> credentialsDirectory,
            Optional<String> certificateDirectory,
            Optional<String> architecture,
            @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean insecure)
            implements TransferSource {

        public Registry {
            credentialsDirectory = credentialsDirectory == null ? Optional.empty() : credentialsDirectory;
            certificateDirectory = certificateDirectory == null ? Optional.empty() : certificateDirectory;
            architecture = architecture == null ? Optional.empty() : architecture;
        }
    }

    /**
     * A disk below {@code /disk} in a container image that the node has pulled. A file server that runs in a container of that
     * image offers it on the pod's own address.
     *
     * @param image as people know it, for messages
     * @param sharedDirectory where the file server says what it offers, in a file {@value #OFFER}
     */
    record PulledImage(String image, String sharedDirectory) implements TransferSource {
        public static final String OFFER = "offer.json";
    }
}
