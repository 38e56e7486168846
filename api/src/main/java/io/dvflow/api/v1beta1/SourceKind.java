package io.dvflow.api.v1beta1;

import java.util.List;

/** The kinds of source; {@link #key()} is the member's name in the API. */
public enum SourceKind {
    HTTP("http"),
    S3("s3"),
    GCS("gcs"),
    REGISTRY("registry"),
    PVC("pvc"),
    SNAPSHOT("snapshot"),
    UPLOAD("upload"),
    BLANK("blank"),
    IMAGEIO("imageio"),
    VDDK("vddk");

    /** What this release has a workflow for; the others are accepted and wait, with a condition that says so. */
    public static final List<SourceKind> SUPPORTED = List.of(HTTP, S3, GCS, REGISTRY, BLANK, IMAGEIO, VDDK);

    private final String key;

    SourceKind(String key) {
        this.key = key;
    }

    public String key() {
        return key;
    }

    /** Whether the operation is an import, as opposed to an upload or a clone. */
    public boolean isImport() {
        return switch (this) {
            case HTTP, S3, GCS, REGISTRY, BLANK, IMAGEIO, VDDK -> true;
            case PVC, SNAPSHOT, UPLOAD -> false;
        };
    }

    /** Whether it can have content type archive: what it names is a file, and not a disk or an image of one. */
    public boolean mayHoldArchive() {
        return switch (this) {
            case HTTP, S3, GCS, UPLOAD, PVC -> true;
            case REGISTRY, BLANK, IMAGEIO, VDDK, SNAPSHOT -> false;
        };
    }

    /** {@link #SUPPORTED} in words: {@code http, s3 and blank}. */
    public static String supportedInWords() {
        return inWords(SUPPORTED);
    }

    /** Those of them that {@link #mayHoldArchive}, in words. */
    public static String holdingArchivesInWords() {
        return inWords(SUPPORTED.stream().filter(SourceKind::mayHoldArchive).toList());
    }

    private static String inWords(List<SourceKind> kinds) {
        List<String> keys = kinds.stream().map(SourceKind::key).toList();
        return String.join(", ", keys.subList(0, keys.size() - 1)) + " and " + keys.getLast();
    }

    public static SourceKind of(Source source) {
        return switch (source) {
            case HttpSource _ -> HTTP;
            case S3Source _ -> S3;
            case GcsSource _ -> GCS;
            case RegistrySource _ -> REGISTRY;
            case PvcSource _ -> PVC;
            case SnapshotSource _ -> SNAPSHOT;
            case UploadSource _ -> UPLOAD;
            case BlankSource _ -> BLANK;
            case ImageIoSource _ -> IMAGEIO;
            case VddkSource _ -> VDDK;
        };
    }

    /**
     * The kind of the only member that is set.
     *
     * @throws IllegalArgumentException if none or several are, which admission refuses, so no stored object is so
     */
    public static SourceKind of(DataVolumeSource source) {
        return of(theOnly(source.members()));
    }

    /** As {@link #of(DataVolumeSource)}, for the source of a VolumeImportSource. */
    public static SourceKind of(ImportSourceType source) {
        return of(theOnly(source.members()));
    }

    private static Source theOnly(List<Source> members) {
        if (members.isEmpty()) {
            throw new IllegalArgumentException("Missing Data volume source: exactly one member of source must be set");
        }
        if (members.size() > 1) {
            throw new IllegalArgumentException("Multiple Data volume sources: found "
                    + members.stream().map(member -> of(member).key()).toList()
                    + ", expected exactly one");
        }
        return members.getFirst();
    }
}
