package io.dvflow.activities.claim;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.GcsSource;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.api.v1beta1.PlatformOptions;
import io.dvflow.api.v1beta1.PvcSource;
import io.dvflow.api.v1beta1.RegistrySource;
import io.dvflow.api.v1beta1.S3Source;
import io.dvflow.api.v1beta1.SnapshotSource;
import io.dvflow.api.v1beta1.SourceKind;
import io.dvflow.api.v1beta1.UploadSource;
import io.dvflow.api.v1beta1.VddkSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a claim says of the source that it is filled from, in CDI's words: for clients, nothing here reads it back. Pure. */
final class SourceAnnotations {

    private final Map<String, String> found = new LinkedHashMap<>();

    private SourceAnnotations() {}

    static Map<String, String> of(DataVolumeSource source) {
        SourceAnnotations annotations = new SourceAnnotations();
        annotations.put(Annotations.STORAGE_IMPORT_SOURCE, SourceKind.of(source).key());
        switch (source.members().getFirst()) {
            case HttpSource http -> {
                annotations.address(http.url(), http.secretRef(), http.certConfigMap());
                annotations.put(Annotations.STORAGE_IMPORT_CHECKSUM, http.checksum());
                annotations.unchecked(http.insecureSkipVerify());
            }
            case S3Source s3 -> annotations.address(s3.url(), s3.secretRef(), s3.certConfigMap());
            case GcsSource gcs -> annotations.address(gcs.url(), gcs.secretRef(), null);
            case RegistrySource registry -> annotations.registry(registry);
            case ImageIoSource imageIo -> {
                annotations.address(imageIo.url(), imageIo.secretRef(), imageIo.certConfigMap());
                annotations.put(Annotations.STORAGE_IMPORT_DISK_ID, imageIo.diskId());
                annotations.unchecked(imageIo.insecureSkipVerify());
            }
            case VddkSource vddk -> {
                annotations.address(vddk.url(), vddk.secretRef(), vddk.certConfigMap());
                annotations.put(Annotations.STORAGE_IMPORT_UUID, vddk.uuid());
                annotations.put(Annotations.STORAGE_IMPORT_BACKING_FILE, vddk.backingFile());
                annotations.put(Annotations.STORAGE_IMPORT_VDDK_THUMBPRINT, vddk.thumbprint());
                annotations.put(Annotations.STORAGE_POD_VDDK_INIT_IMAGE_URL, vddk.initImageURL());
                annotations.put(Annotations.STORAGE_POD_VDDK_EXTRA_ARGS, vddk.extraArgs());
            }
            // CDI's name for the source of a blank disk.
            case BlankSource _ -> annotations.put(Annotations.STORAGE_IMPORT_SOURCE, "none");
            case PvcSource _, SnapshotSource _, UploadSource _ -> {
                // Claims for these are not imports.
            }
        }
        return annotations.found;
    }

    private void registry(RegistrySource registry) {
        boolean isStream =
                registry.imageStream() != null && !registry.imageStream().isEmpty();
        address(isStream ? registry.imageStream() : registry.url(), registry.secretRef(), registry.certConfigMap());
        put(Annotations.STORAGE_IMPORT_REGISTRY_IMPORT_METHOD, registry.pullMethod());
        put(Annotations.STORAGE_IMPORT_REGISTRY_IMAGE_STREAM, isStream ? "true" : "");
        PlatformOptions platform = registry.platform();
        put(Annotations.STORAGE_IMPORT_REGISTRY_IMAGE_ARCHITECTURE, platform == null ? "" : platform.architecture());
    }

    private void address(String url, String secret, String certificates) {
        put(Annotations.STORAGE_IMPORT_ENDPOINT, url);
        put(Annotations.STORAGE_IMPORT_SECRET_NAME, secret);
        put(Annotations.STORAGE_IMPORT_CERT_CONFIG_MAP, certificates);
    }

    private void unchecked(Boolean insecureSkipVerify) {
        put(Annotations.STORAGE_IMPORT_INSECURE_SKIP_VERIFY, Boolean.TRUE.equals(insecureSkipVerify) ? "true" : "");
    }

    private void put(String key, String value) {
        if (value != null && !value.isEmpty()) {
            found.put(key, value);
        }
    }
}
