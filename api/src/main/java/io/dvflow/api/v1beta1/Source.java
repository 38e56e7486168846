package io.dvflow.api.v1beta1;

/** One member of {@link DataVolumeSource} or {@link ImportSourceType}; each implementation is the member of one kind. */
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
