package io.dvflow.activities.claim;

import io.dvflow.api.Annotations;
import io.dvflow.api.v1beta1.BlankSource;
import io.dvflow.api.v1beta1.DataVolumeSource;
import io.dvflow.api.v1beta1.HttpSource;
import io.dvflow.api.v1beta1.ImageIoSource;
import io.dvflow.api.v1beta1.Source;
import io.dvflow.api.v1beta1.SourceKind;
import io.dvflow.api.v1beta1.VddkSource;
import java.util.LinkedHashMap;
import java.util.Map;

/** A source as annotations of the claim, for clients that read CDI's. Never read back. Pure. */
final class SourceProjection {

    private SourceProjection() {}

    static Map<String, String> of(DataVolumeSource source) {
        Source named = source.members().getFirst();
        Map<String, String> annotations = new LinkedHashMap<>();
        // CDI's name for the source of a blank disk is "none".
        annotations.put(
                Annotations.STORAGE_IMPORT_SOURCE,
                named instanceof BlankSource ? "none" : SourceKind.of(named).key());
        switch (named) {
            case HttpSource http -> {
                annotations.put(Annotations.STORAGE_IMPORT_ENDPOINT, http.url());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_SECRET_NAME, http.secretRef());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_CERT_CONFIG_MAP, http.certConfigMap());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_CHECKSUM, http.checksum());
            }
            case ImageIoSource disk -> {
                annotations.put(Annotations.STORAGE_IMPORT_ENDPOINT, disk.url());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_SECRET_NAME, disk.secretRef());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_CERT_CONFIG_MAP, disk.certConfigMap());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_DISK_ID, disk.diskId());
            }
            case VddkSource disk -> {
                annotations.put(Annotations.STORAGE_IMPORT_ENDPOINT, disk.url());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_SECRET_NAME, disk.secretRef());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_CERT_CONFIG_MAP, disk.certConfigMap());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_UUID, disk.uuid());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_BACKING_FILE, disk.backingFile());
                putIfSet(annotations, Annotations.STORAGE_IMPORT_VDDK_THUMBPRINT, disk.thumbprint());
            }
            default -> {
                // Others have nothing that clients look for on the claim.
            }
        }
        return annotations;
    }

    private static void putIfSet(Map<String, String> annotations, String key, String value) {
        if (value != null && !value.isEmpty()) {
            annotations.put(key, value);
        }
    }
}
