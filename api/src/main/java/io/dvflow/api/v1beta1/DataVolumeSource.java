package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Where the data of a volume come from: exactly one member is set. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DataVolumeSource(
        @JsonPropertyDescription("An image on a web server.")
        HttpSource http,

        @JsonPropertyDescription("An object in a bucket with the S3 protocol.")
        S3Source s3,

        @JsonPropertyDescription("An object in Google Cloud Storage.")
        GcsSource gcs,

        @JsonPropertyDescription("A disk inside a container image.")
        RegistrySource registry,

        @JsonPropertyDescription("A claim to clone.") PvcSource pvc,

        @JsonPropertyDescription("The image is sent by a client.")
        UploadSource upload,

        @JsonPropertyDescription("An empty disk.") BlankSource blank,

        @JsonPropertyDescription("A disk of oVirt.") ImageIoSource imageio,

        @JsonPropertyDescription("A disk of VMware.") VddkSource vddk,

        @JsonPropertyDescription("A VolumeSnapshot to clone.")
        SnapshotSource snapshot) {
    /** The members that are set, in the order of declaration; admission sees to it that a stored object has one. */
    public List<Source> members() {
        return Stream.<Source>of(http, s3, gcs, registry, pvc, upload, blank, imageio, vddk, snapshot)
                .filter(Objects::nonNull)
                .toList();
    }

    public static DataVolumeSource of(HttpSource http) {
        return new DataVolumeSource(http, null, null, null, null, null, null, null, null, null);
    }

    public static DataVolumeSource of(BlankSource blank) {
        return new DataVolumeSource(null, null, null, null, null, null, blank, null, null, null);
    }
}
