package io.dvflow.api.v1beta1;

/** One member of {@link DataVolumeSource} or {@link ImportSourceType}; one implementation for each kind. */
public sealed interface Source
        permits HttpSource,
                S3Source,
                GcsSource,
                RegistrySource,
                PvcSource,
                SnapshotSource,
                UploadSource,
                BlankSource,
                ImageIoSource,
                VddkSource {

    /** Which kind of source this is. */
    default SourceKind kind() {
        return SourceKind.of(this);
    }
}
