package io.dvflow.api.claim;

import io.dvflow.api.Annotations;
import io.dvflow.api.Finalizers;
import io.dvflow.api.v1beta1.DataVolumeSpec;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Whether, and how, the annotations of a claim ask for an import into it. Pure. */
public final class ClaimRequest {

    static final String EXTRA_HEADERS = Annotations.STORAGE_IMPORT_EXTRA_HEADERS;
    static final String SECRET_EXTRA_HEADERS = Annotations.STORAGE_IMPORT_SECRET_EXTRA_HEADERS;

    /** Those that users write; a change of one is a new request. */
    private static final List<String> ASKING = List.of(
            Annotations.STORAGE_IMPORT_SOURCE,
            Annotations.STORAGE_IMPORT_ENDPOINT,
            Annotations.STORAGE_IMPORT_SECRET_NAME,
            Annotations.STORAGE_IMPORT_CERT_CONFIG_MAP,
            Annotations.STORAGE_IMPORT_CHECKSUM,
            Annotations.STORAGE_IMPORT_INSECURE_SKIP_VERIFY,
            Annotations.STORAGE_IMPORT_REGISTRY_IMPORT_METHOD,
            Annotations.STORAGE_IMPORT_REGISTRY_IMAGE_STREAM,
            Annotations.STORAGE_IMPORT_REGISTRY_IMAGE_ARCHITECTURE,
            Annotations.STORAGE_IMPORT_DISK_ID,
            Annotations.STORAGE_IMPORT_UUID,
            Annotations.STORAGE_IMPORT_BACKING_FILE,
            Annotations.STORAGE_IMPORT_VDDK_THUMBPRINT,
            Annotations.STORAGE_CONTENT_TYPE,
            Annotations.STORAGE_PREALLOCATION_REQUESTED);

    private ClaimRequest() {}

    /** The request as a DataVolume would make it, or what is wrong with it. */
    public sealed interface Reading {
        record Clear(DataVolumeSpec spec) implements Reading {}

        record Mistaken(Mistake mistake) implements Reading {}
    }

    /**
     * Whether this claim is an operation of its own. A claim that was made for a DataVolume says where its data come from in
     * the same annotations: what belongs to somebody, was made for a DataVolume, is said to be filled or is filled by others
     * is none. One that carries our finalizer is one, whatever has become of its annotations.
     */
    public static boolean isOn(PersistentVolumeClaim claim) {
        return isHeld(claim) || asks(claim) && isNobodyElses(claim);
    }

    public static Reading read(PersistentVolumeClaim claim) {
        try {
            return new Reading.Clear(SourceReader.specOf(claim, annotations(claim)));
        } catch (SourceReader.MistakeFound e) {
            return new Reading.Mistaken(e.mistake());
        }
    }

    /** The same as long as the request is, and another one for another request. */
    static String fingerprint(PersistentVolumeClaim claim) {
        StringBuilder asked = new StringBuilder();
        new TreeMap<>(annotations(claim)).forEach((key, value) -> {
            if (ASKING.contains(key) || key.startsWith(EXTRA_HEADERS) || key.startsWith(SECRET_EXTRA_HEADERS)) {
                asked.append(key).append('=').append(value).append('\n');
            }
        });
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(asked.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256", e);
        }
    }

    static Map<String, String> annotations(PersistentVolumeClaim claim) {
        return Optional.ofNullable(claim.getMetadata().getAnnotations()).orElse(Map.of());
    }

    static boolean isHeld(PersistentVolumeClaim claim) {
        return Optional.ofNullable(claim.getMetadata().getFinalizers())
                .orElse(List.of())
                .contains(Finalizers.OPERATION);
    }

    private static boolean asks(PersistentVolumeClaim claim) {
        return annotations(claim).containsKey(Annotations.STORAGE_IMPORT_ENDPOINT)
                || annotations(claim).containsKey(Annotations.STORAGE_IMPORT_SOURCE);
    }

    private static boolean isNobodyElses(PersistentVolumeClaim claim) {
        boolean controlled = Optional.ofNullable(claim.getMetadata().getOwnerReferences()).orElse(List.of()).stream()
                .map(OwnerReference::getController)
                .anyMatch(Boolean.TRUE::equals);
        return !controlled
                && !annotations(claim).containsKey(Annotations.CREATED_FOR_DATA_VOLUME)
                && !annotations(claim).containsKey(Annotations.STORAGE_POPULATED_FOR)
                && claim.getSpec().getDataSource() == null
                && claim.getSpec().getDataSourceRef() == null;
    }
}
