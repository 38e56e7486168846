package io.dvflow.transfer;

import java.util.List;
import java.util.Optional;

/** Where a transfer reads from. Secrets are never part of it, only the directories that they are mounted to. */
public sealed interface TransferSource {

    /** Which stage of a multi-stage import is read, if it is one. */
    default Optional<Checkpoint> checkpoint() {
        return Optional.empty();
    }

    /** {@code algorithm:hex} of the whole file that is read; md5, sha1, sha256 or sha512. */
    default Optional<String> checksum() {
        return Optional.empty();
    }

    /**
     * An image behind HTTP or HTTPS.
     *
     * @param url absolute URL, scheme {@code http} or {@code https}
     * @param credentialsDirectory directory with the files {@code accessKeyId} and {@code secretKey} for basic auth
     * @param certificateDirectory directory of PEM files that are trusted beside the system's authorities
     * @param extraHeaders full header lines, {@code Name: value}
     * @param secretHeaderDirectories directories of which every file is one full header line
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
            List<String> mirrors)
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
     * @param checksum of the disk's file in the image
     */
    record Registry(
            String url,
            Optional<String> credentialsDirectory,
            Optional<String> certificateDirectory,
            Optional<String> architecture,
            boolean insecure,
            Optional<String> checksum)
            implements TransferSource {

        public Registry {
            credentialsDirectory = credentialsDirectory == null ? Optional.empty() : credentialsDirectory;
            certificateDirectory = certificateDirectory == null ? Optional.empty() : certificateDirectory;
            architecture = architecture == null ? Optional.empty() : architecture;
            checksum = checksum == null ? Optional.empty() : checksum;
        }
    }

    /**
     * A disk below {@code /disk} in a container image that the node has pulled. A file server that runs in a container of that
     * image offers it on the pod's own address.
     *
     * @param image as people know it, for messages
     * @param sharedDirectory where the file server says what it offers, in a file {@value #OFFER}
     * @param checksum of the disk's file in the image
     */
    record PulledImage(String image, String sharedDirectory, Optional<String> checksum) implements TransferSource {
        public static final String OFFER = "offer.json";

        public PulledImage {
            checksum = checksum == null ? Optional.empty() : checksum;
        }
    }

    /**
     * A disk of oVirt, read from the host that the engine names, by ovirt-imageio.
     *
     * @param url of the engine's REST API, {@code https://engine.example/ovirt-engine/api}
     * @param diskId the disk's UUID
     * @param checkpoint what of the disk is wanted; empty for the disk as it is
     * @param credentialsDirectory directory with the files {@code accessKeyId} (user with domain) and {@code secretKey}
     * @param certificateDirectory directory of PEM files that are trusted beside the system's authorities
     * @param verifyTls false only where the user asked for {@code insecureSkipVerify}
     */
    record ImageIo(
            String url,
            String diskId,
            Optional<Checkpoint> checkpoint,
            String credentialsDirectory,
            Optional<String> certificateDirectory,
            boolean verifyTls)
            implements TransferSource {

        public ImageIo {
            checkpoint = checkpoint == null ? Optional.empty() : checkpoint;
            certificateDirectory = certificateDirectory == null ? Optional.empty() : certificateDirectory;
        }
    }

    /**
     * A disk of VMware, read through nbdkit and the VDDK library, which the pod has at {@link #LIBRARY}.
     *
     * @param url of the vCenter or ESXi host
     * @param vmUuid BIOS UUID of the virtual machine
     * @param backingFile the disk, {@code [store] vm/vm.vmdk}
     * @param thumbprint SHA-1 of the certificate of the vCenter or ESXi host, as VDDK wants it
     * @param checkpoint what of the disk is wanted; empty for the disk as it is
     * @param credentialsDirectory directory with the files {@code accessKeyId} and {@code secretKey}
     * @param certificateDirectory directory of PEM files that are trusted beside the system's authorities; without one
     *     the thumbprint alone says whom to trust
     * @param settingsDirectory directory of which every file is a configuration file for VDDK
     */
    record Vddk(
            String url,
            String vmUuid,
            String backingFile,
            String thumbprint,
            Optional<Checkpoint> checkpoint,
            String credentialsDirectory,
            Optional<String> certificateDirectory,
            Optional<String> settingsDirectory)
            implements TransferSource {

        /** Where the library lies, from the user's image. */
        public static final String LIBRARY = "/opt/vmware-vix-disklib-distrib";

        public Vddk {
            checkpoint = checkpoint == null ? Optional.empty() : checkpoint;
            certificateDirectory = certificateDirectory == null ? Optional.empty() : certificateDirectory;
            settingsDirectory = settingsDirectory == null ? Optional.empty() : settingsDirectory;
        }
    }
}
