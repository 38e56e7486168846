package io.dvflow.api.v1beta1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Where the data of an import come from: exactly one member is set. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ImportSourceType(
        @JsonPropertyDescription("An image on a web server.")
        HttpSource http,

        @JsonPropertyDescription("An object in a bucket with the S3 protocol.")
        S3Source s3,

        @JsonPropertyDescription("An object in Google Cloud Storage.")
        GcsSource gcs,

        @JsonPropertyDescription("A disk inside a container image.")
        RegistrySource registry,

        @JsonPropertyDescription("An empty disk.") BlankSource blank,

        @JsonPropertyDescription("A disk of oVirt.") ImageIoSource imageio,

        @JsonPropertyDescription("A disk of VMware.") VddkSource vddk) {
    /** What a DataVolume imports; no member is set where it clones or is uploaded to. */
    public static ImportSourceType of(DataVolumeSource source) {
        return new ImportSourceType(
                source.http(),
                source.s3(),
                source.gcs(),
                source.registry(),
                source.blank(),
                source.imageio(),
                source.vddk());
    }

    /** The members that are set, in the order of declaration; admission sees to it that a stored object has one. */
    public List<Source> members() {
        return Stream.<Source>of(http, s3, gcs, registry, blank, imageio, vddk)
                .filter(Objects::nonNull)
                .toList();
    }
}
