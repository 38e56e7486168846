package io.dvflow.activities.transfer.source;

import io.dvflow.activities.claim.RequestMistakes;
import io.dvflow.api.Annotations;
import io.dvflow.api.DvflowAnnotations;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolume;
import io.dvflow.api.v1beta1.GcsSource;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.api.v1beta1.PvcSource;
import io.dvflow.api.v1beta1.RegistrySource;
import io.dvflow.api.v1beta1.S3Source;
import io.dvflow.api.v1beta1.SnapshotSource;
import io.dvflow.api.v1beta1.Source;
import io.dvflow.api.v1beta1.UploadSource;
import io.dvflow.api.v1beta1.VddkSource;
import io.dvflow.transfer.Checkpoint;
import io.dvflow.transfer.TransferSource;
import java.util.List;
import java.util.Optional;

/**
 * What a source needs: what the transfer program is told about it, and what is mounted into its pod for it. Pure.
 *
 * @param source never holds a secret, only the paths that they are mounted to
 * @param pulled the image that the node is to pull for it
 * @param library what has to be copied into the pod first
 */
public record SourceSetup(
        TransferSource source, List<Mounted> mounted, Optional<NodePull> pulled, Optional<VddkLibrary> library) {

    public SourceSetup {
        mounted = List.copyOf(mounted);
    }

    SourceSetup(TransferSource source, List<Mounted> mounted, Optional<NodePull> pulled) {
        this(source, mounted, pulled, Optional.empty());
    }

    SourceSetup(TransferSource source, List<Mounted> mounted) {
        this(source, mounted, Optional.empty(), Optional.empty());
    }

    /** What the pod is made of; for what the program is told, more has to be known. */
    public static SourceSetup of(DataVolume object) {
        return of(object, List.of(), Optional.empty());
    }

    /**
     * For a source that this release carries out; others have been refused by then.
     *
     * @param insecureRegistries host and optional port of registries whose certificates go unchecked
     * @param checkpoint which stage of a multi-stage import is read, if it is one
     */
    public static SourceSetup of(DataVolume object, List<String> insecureRegistries, Optional<Checkpoint> checkpoint) {
        RequestMistakes.refuse(object);
        Source source = object.getSpec().source().members().getFirst();
        return switch (source) {
            case HttpSource http -> HttpSetup.of(http, annotation(object, DvflowAnnotations.MIRRORS));
            case S3Source s3 -> S3Setup.of(s3);
            case GcsSource gcs -> GcsSetup.of(gcs, namesServiceAccount(object));
            case RegistrySource registry ->
                RegistrySetup.of(registry, insecureRegistries, annotation(object, Annotations.STORAGE_IMPORT_CHECKSUM));
            case BlankSource _ -> new SourceSetup(new TransferSource.Blank(), List.of());
            case ImageIoSource disk -> ImageIoSetup.of(disk, checkpoint);
            case VddkSource disk -> VddkSetup.of(object, disk, checkpoint);
            case PvcSource _, SnapshotSource _, UploadSource _ -> throw unexpected(object);
        };
    }

    /** A value of the API that may be missing or empty. */
    static Optional<String> present(String value) {
        return Optional.ofNullable(value).filter(text -> !text.isBlank());
    }

    private static boolean namesServiceAccount(DataVolume object) {
        return present(object.getSpec().serviceAccountName())
                .or(() -> annotation(object, Annotations.STORAGE_POD_SERVICE_ACCOUNT_NAME))
                .isPresent();
    }

    /** An annotation that may be missing or empty. */
    static Optional<String> annotation(DataVolume object, String key) {
        return Optional.ofNullable(object.getMetadata().getAnnotations()).flatMap(all -> present(all.get(key)));
    }

    private static IllegalStateException unexpected(DataVolume object) {
        return new IllegalStateException("The source of DataVolume "
                + object.getMetadata().getNamespace() + "/"
                + object.getMetadata().getName()
                + " has been planned though no transfer pod reads it");
    }
}
